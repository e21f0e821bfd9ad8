/* SPDX-License-Identifier: Apache-2.0 */
/** Records: putting them, iterators over shards, reading them. */
@NullMarked
package dev.millrace.broker.record;

import org.jspecify.annotations.NullMarked;
