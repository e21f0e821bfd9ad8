/* SPDX-License-Identifier: Apache-2.0 */
/** Streams: making, describing, changing and deleting them. */
@NullMarked
package dev.millrace.broker.stream;

import org.jspecify.annotations.NullMarked;
