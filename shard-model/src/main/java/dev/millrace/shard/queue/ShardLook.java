/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import dev.millrace.shard.QueueId;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;

/**
 * A look into a shard that a keeper wants: it ends in {@link QueueKeeper#found} or {@link
 * QueueKeeper#notFound}.
 *
 * @param from the first offset that matters
 * @param recordsMax how many records are enough
 */
public record ShardLook(
        QueueId queue,
        StreamName stream,
        StreamId streamId,
        ShardId shard,
        long from,
        int recordsMax) {}
