/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.demand;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.ShardId;
import java.util.ArrayList;
import java.util.List;

/**
 * What a shard took over some time.
 *
 * @param bytes data and partition keys
 * @param keys hash keys of some of the records, drawn evenly
 */
public record ShardLoad(ShardId shard, long bytes, long records, List<HashKey> keys) {

    public ShardLoad {
        keys = List.copyOf(keys);
    }

    /** This and what another gateway saw of the same shard. */
    ShardLoad plus(ShardLoad other) {
        List<HashKey> all = new ArrayList<>(keys);
        all.addAll(other.keys);
        return new ShardLoad(shard, bytes + other.bytes, records + other.records, all);
    }
}
