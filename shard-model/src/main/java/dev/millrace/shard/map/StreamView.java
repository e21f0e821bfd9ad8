/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;

/** A stream with its shards as of one moment. Immutable; safe to share between threads. */
public final class StreamView {

    private final StreamState state;
    private final NavigableMap<ShardId, Shard> shards;
    private final List<Shard> open;

    StreamView(StreamState state, NavigableMap<ShardId, Shard> shards) {
        this.state = state;
        this.shards = shards;
        this.open =
                shards.values().stream()
                        .filter(Shard::isOpen)
                        .sorted(Comparator.comparing(shard -> shard.range().start()))
                        .toList();
    }

    public StreamState state() {
        return state;
    }

    /** All shards that can still be read, in the order of their ids. */
    public List<Shard> shards() {
        return List.copyOf(shards.values());
    }

    /** The shards whose ids come after the given one, in order. */
    public List<Shard> shardsAfter(ShardId id) {
        return List.copyOf(shards.tailMap(id, false).values());
    }

    public int shardCount() {
        return shards.size();
    }

    public Optional<Shard> shard(ShardId id) {
        return Optional.ofNullable(shards.get(id));
    }

    /** The open shards in the order of their ranges. */
    public List<Shard> openShards() {
        return open;
    }

    public int closedShardCount() {
        return shards.size() - open.size();
    }

    /** The shards that were opened when the given one was closed, in the order of their ids. */
    public List<Shard> childrenOf(ShardId parent) {
        return shards.tailMap(parent, false).values().stream()
                .filter(shard -> shard.parents().contains(parent))
                .toList();
    }

    /**
     * The open shard that takes a hash key.
     *
     * @return none while the stream has no shards yet
     */
    public Optional<Shard> route(HashKey key) {
        int low = 0;
        int high = open.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Shard candidate = open.get(middle);
            if (key.compareTo(candidate.range().start()) < 0) {
                high = middle - 1;
            } else if (key.compareTo(candidate.range().end()) > 0) {
                low = middle + 1;
            } else {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** Partitions that hold records of some shard that can still be read. */
    List<Integer> usedPartitions() {
        List<Integer> used = new ArrayList<>();
        shards.values().forEach(shard -> used.add(shard.partition()));
        return used;
    }
}
