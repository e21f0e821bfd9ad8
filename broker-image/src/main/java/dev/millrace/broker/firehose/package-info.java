/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The operations of Firehose. A delivery stream is kept with the stream that holds what is put into
 * it, so that both are there or neither is.
 */
@NullMarked
package dev.millrace.broker.firehose;

import org.jspecify.annotations.NullMarked;
