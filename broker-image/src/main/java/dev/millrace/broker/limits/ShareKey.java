/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;

/** A limit of a shard. */
record ShareKey(StreamId stream, ShardId shard, Limit limit) {}
