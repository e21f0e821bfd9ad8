/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.reshard;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.ShardId;
import java.util.List;

/** What a reshard is heading for. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "goal")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ReshardGoal.Uniform.class, name = "UNIFORM"),
    @JsonSubTypes.Type(value = ReshardGoal.Boundaries.class, name = "BOUNDARIES"),
    @JsonSubTypes.Type(value = ReshardGoal.SplitOne.class, name = "SPLIT"),
    @JsonSubTypes.Type(value = ReshardGoal.MergeTwo.class, name = "MERGE")
})
public sealed interface ReshardGoal {

    /** Shards of equal ranges (UpdateShardCount, {@code spec.shardCount}). */
    record Uniform(int shards) implements ReshardGoal {
        public Uniform {
            if (shards < 1) {
                throw new IllegalArgumentException("A stream has at least 1 shard, not " + shards);
            }
        }
    }

    /**
     * Shards where the load asks for them (on-demand streams).
     *
     * @param inner the first keys of all shards but the first
     */
    record Boundaries(List<HashKey> inner) implements ReshardGoal {
        public Boundaries {
            inner = List.copyOf(inner);
            if (inner.contains(HashKey.MIN)) {
                throw new IllegalArgumentException("The first shard's start is no inner boundary");
            }
        }
    }

    /** One shard in two (SplitShard). */
    record SplitOne(ShardId shard, HashKey at) implements ReshardGoal {}

    /** Two shards in one (MergeShards). */
    record MergeTwo(ShardId shard, ShardId adjacent) implements ReshardGoal {}
}
