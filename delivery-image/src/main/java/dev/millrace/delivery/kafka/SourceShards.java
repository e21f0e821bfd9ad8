/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.map.StreamView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which records of the source's topic belong to which shard. Immutable. */
final class SourceShards {

    /** Where an offset lies. */
    sealed interface Place {}

    /** In a shard: it is to be delivered. */
    record InShard(Shard shard) implements Place {}

    /** In no shard: what a put left behind that was never acknowledged. */
    record InNoShard() implements Place {}

    /** Behind all shards that are known: in none, or in one that the map does not know yet. */
    record BehindKnown() implements Place {}

    /** All records of a partition before an offset. */
    record Until(int partition, long offset) {}

    private final Map<Integer, List<Shard>> byPartition = new HashMap<>();
    private final Map<ShardId, Shard> byId = new HashMap<>();

    private SourceShards(List<Shard> shards) {
        for (Shard shard : shards) {
            byId.put(shard.id(), shard);
            byPartition.computeIfAbsent(shard.partition(), _ -> new ArrayList<>()).add(shard);
        }
        byPartition
                .values()
                .forEach(list -> list.sort(Comparator.comparingLong(Shard::firstOffset)));
    }

    static SourceShards of(StreamView stream) {
        return new SourceShards(stream.shards());
    }

    static SourceShards of(List<Shard> shards) {
        return new SourceShards(shards);
    }

    Place place(int partition, long offset) {
        List<Shard> shards = byPartition.getOrDefault(partition, List.of());
        for (int i = shards.size() - 1; i >= 0; i--) {
            Shard shard = shards.get(i);
            if (offset >= shard.firstOffset()) {
                if (offset < end(shard)) {
                    return new InShard(shard);
                }
                return i == shards.size() - 1 ? new BehindKnown() : new InNoShard();
            }
        }
        return shards.isEmpty() ? new BehindKnown() : new InNoShard();
    }

    /** What has to be delivered before the first record of a shard. */
    List<Until> before(Shard shard) {
        List<Until> before = new ArrayList<>();
        for (ShardId parent : shard.parents()) {
            Shard known = byId.get(parent);
            // One that is not known any more has expired.
            if (known != null) {
                before.add(new Until(known.partition(), end(known)));
            }
        }
        return before;
    }

    /** The end of the last shard of a partition that ended at or before an offset. */
    Optional<Long> lastEnd(int partition, long offset) {
        return byPartition.getOrDefault(partition, List.of()).stream()
                .map(SourceShards::end)
                .filter(end -> end <= offset)
                .max(Long::compare);
    }

    private static long end(Shard shard) {
        return shard.phase() instanceof Shard.Closed(long endOffset, var _)
                ? endOffset
                : Long.MAX_VALUE;
    }
}
