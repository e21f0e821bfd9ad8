/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import dev.millrace.shard.ShardId;

/** Where a record of a queue lies. */
public record Place(ShardId shard, long offset) implements Comparable<Place> {

    @Override
    public int compareTo(Place other) {
        int byShard = shard.compareTo(other.shard);
        return byShard != 0 ? byShard : Long.compare(offset, other.offset);
    }
}
