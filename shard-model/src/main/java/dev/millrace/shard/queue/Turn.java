/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import java.util.List;

/**
 * What a keeper decided: records to commit, replies to send with them, and looks into shards to
 * take then.
 */
public record Turn(List<QueueRecord> records, List<QueueReply> replies, List<ShardLook> looks) {

    public Turn {
        records = List.copyOf(records);
        replies = List.copyOf(replies);
        looks = List.copyOf(looks);
    }

    public boolean isEmpty() {
        return records.isEmpty() && replies.isEmpty() && looks.isEmpty();
    }
}
