/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import dev.millrace.shard.QueueId;
import dev.millrace.shard.ShardId;

/**
 * One record of the queues' log. The log is compacted: a record holds the whole new value of the
 * thing that its key names, or says that the thing is gone.
 */
public sealed interface QueueRecord {

    QueueId queue();

    /** Everything of a shard before an offset was received at least once. */
    record CursorPut(QueueId queue, ShardId shard, long next) implements QueueRecord {}

    record CursorGone(QueueId queue, ShardId shard) implements QueueRecord {}

    record DeliveryPut(QueueId queue, Place place, Delivery delivery) implements QueueRecord {}

    /** The record is settled: it was acknowledged, or has expired. */
    record DeliveryGone(QueueId queue, Place place) implements QueueRecord {}
}
