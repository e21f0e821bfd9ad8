/* SPDX-License-Identifier: Apache-2.0 */
/** Shards: listing, splitting and merging them. */
@NullMarked
package dev.millrace.broker.shard;

import org.jspecify.annotations.NullMarked;
