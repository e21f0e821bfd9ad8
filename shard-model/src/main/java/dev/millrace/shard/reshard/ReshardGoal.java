/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.reshard;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.ShardId;

/** What a reshard is heading for. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "goal")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ReshardGoal.Uniform.class, name = "UNIFORM"),
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

    /** One shard in two (SplitShard). */
    record SplitOne(ShardId shard, HashKey at) implements ReshardGoal {}

    /** Two shards in one (MergeShards). */
    record MergeTwo(ShardId shard, ShardId adjacent) implements ReshardGoal {}
}
