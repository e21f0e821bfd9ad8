/* SPDX-License-Identifier: Apache-2.0 */
/** On-demand streams: what their load is, and which shards it asks for. */
@NullMarked
package dev.millrace.shard.demand;

import org.jspecify.annotations.NullMarked;
