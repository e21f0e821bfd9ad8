/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a gateway asks the shard map's writer to do, for a client or for the operator. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Command.CreateStream.class, name = "CreateStream"),
    @JsonSubTypes.Type(value = Command.DeleteStream.class, name = "DeleteStream"),
    @JsonSubTypes.Type(value = Command.UpdateShardCount.class, name = "UpdateShardCount"),
    @JsonSubTypes.Type(value = Command.SplitShard.class, name = "SplitShard"),
    @JsonSubTypes.Type(value = Command.MergeShards.class, name = "MergeShards"),
    @JsonSubTypes.Type(value = Command.ChangeRetention.class, name = "ChangeRetention"),
    @JsonSubTypes.Type(value = Command.ChangeTags.class, name = "ChangeTags"),
    @JsonSubTypes.Type(value = Command.ChangeSetting.class, name = "ChangeSetting"),
    @JsonSubTypes.Type(value = Command.RegisterConsumer.class, name = "RegisterConsumer"),
    @JsonSubTypes.Type(value = Command.DeregisterConsumer.class, name = "DeregisterConsumer"),
    @JsonSubTypes.Type(value = Command.ChangeConsumerTags.class, name = "ChangeConsumerTags"),
    @JsonSubTypes.Type(value = Command.ChangeConsumerPolicy.class, name = "ChangeConsumerPolicy"),
    @JsonSubTypes.Type(value = Command.ApplyStream.class, name = "ApplyStream"),
    @JsonSubTypes.Type(value = Command.RemoveStream.class, name = "RemoveStream")
})
public sealed interface Command {

    StreamName stream();

    /**
     * @param id the id that the stream gets, drawn by the gateway so that deciding needs no
     *     randomness
     */
    record CreateStream(StreamName stream, StreamId id, int shardCount, StreamSettings settings)
            implements Command {}

    /**
     * @param withConsumers whether consumers that are registered go with it; else they keep it
     */
    record DeleteStream(StreamName stream, boolean withConsumers) implements Command {}

    record UpdateShardCount(StreamName stream, int targetShardCount) implements Command {}

    record SplitShard(StreamName stream, ShardId shard, HashKey newStartingHashKey)
            implements Command {}

    record MergeShards(StreamName stream, ShardId shard, ShardId adjacent) implements Command {}

    /** IncreaseStreamRetentionPeriod and DecreaseStreamRetentionPeriod. */
    record ChangeRetention(StreamName stream, Direction direction, int hours) implements Command {
        /** Each of the two operations refuses to do the other's work. */
        public enum Direction {
            INCREASE,
            DECREASE
        }
    }

    /** AddTagsToStream and RemoveTagsFromStream. */
    record ChangeTags(StreamName stream, Map<String, String> added, Set<String> removed)
            implements Command {
        public ChangeTags {
            added = Map.copyOf(added);
            removed = Set.copyOf(removed);
        }
    }

    /** An operation that changes one setting; the stream must be ACTIVE. */
    record ChangeSetting(StreamName stream, SettingChange change) implements Command {}

    /** RegisterStreamConsumer. */
    record RegisterConsumer(StreamName stream, ConsumerName consumer, Map<String, String> tags)
            implements Command {
        public RegisterConsumer {
            tags = Map.copyOf(tags);
        }
    }

    /** DeregisterStreamConsumer. */
    record DeregisterConsumer(StreamName stream, ConsumerName consumer) implements Command {}

    /** TagResource and UntagResource on a consumer. */
    record ChangeConsumerTags(
            StreamName stream,
            ConsumerName consumer,
            Map<String, String> added,
            Set<String> removed)
            implements Command {
        public ChangeConsumerTags {
            added = Map.copyOf(added);
            removed = Set.copyOf(removed);
        }
    }

    /** PutResourcePolicy and DeleteResourcePolicy on a consumer. */
    record ChangeConsumerPolicy(StreamName stream, ConsumerName consumer, Optional<String> document)
            implements Command {}

    /**
     * The operator wants the stream to be so: it is made where it is missing, adopted, and changed
     * where it differs. What is empty stays as it is.
     *
     * @param id the id that the stream gets where it has to be made
     */
    record ApplyStream(
            StreamName stream,
            StreamId id,
            String ownerUid,
            Optional<Integer> shardCount,
            Optional<StreamMode> mode,
            Optional<LimitsProfile> limits,
            Optional<Integer> retentionHours,
            Optional<Integer> maxRecordSizeKiB,
            Optional<Map<String, String>> tags,
            Optional<OnDemandBounds> onDemand,
            Optional<String> delivery)
            implements Command {}

    /**
     * The operator wants the stream gone. Done already where it is, or where another resource owns
     * it.
     */
    record RemoveStream(StreamName stream, String ownerUid) implements Command {}
}
