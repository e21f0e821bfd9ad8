/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.shard.ChannelId;
import dev.millrace.shard.ChannelName;
import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.QueueName;
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
    @JsonSubTypes.Type(value = Command.CreateQueue.class, name = "CreateQueue"),
    @JsonSubTypes.Type(value = Command.UpdateQueue.class, name = "UpdateQueue"),
    @JsonSubTypes.Type(value = Command.DeleteQueue.class, name = "DeleteQueue"),
    @JsonSubTypes.Type(value = Command.ChangeQueueTags.class, name = "ChangeQueueTags"),
    @JsonSubTypes.Type(value = Command.ChangeQueuePolicy.class, name = "ChangeQueuePolicy"),
    @JsonSubTypes.Type(value = Command.CreateChannel.class, name = "CreateChannel"),
    @JsonSubTypes.Type(value = Command.UpdateChannel.class, name = "UpdateChannel"),
    @JsonSubTypes.Type(value = Command.DeleteChannel.class, name = "DeleteChannel"),
    @JsonSubTypes.Type(value = Command.ChangeChannelTags.class, name = "ChangeChannelTags"),
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
     * CreateQueue.
     *
     * @param streamId the life of the stream that the start was found in
     * @param id the id that the queue gets
     */
    record CreateQueue(
            StreamName stream,
            StreamId streamId,
            QueueId id,
            QueueName queue,
            QueueStart start,
            int visibilitySeconds,
            Optional<Integer> maxReceiveCount,
            Map<String, String> tags)
            implements Command {
        public CreateQueue {
            tags = Map.copyOf(tags);
        }
    }

    /** UpdateQueue. What is empty stays as it is. */
    record UpdateQueue(
            StreamName stream,
            QueueId id,
            Optional<Integer> visibilitySeconds,
            Optional<DeadLetters> deadLetters)
            implements Command {}

    /**
     * How a queue is to treat what is received again and again.
     *
     * @param maxReceiveCount none to deliver it for ever
     */
    record DeadLetters(Optional<Integer> maxReceiveCount) {}

    /** DeleteQueue. */
    record DeleteQueue(StreamName stream, QueueId id) implements Command {}

    /** TagResource and UntagResource on a queue. */
    record ChangeQueueTags(
            StreamName stream, QueueId id, Map<String, String> added, Set<String> removed)
            implements Command {
        public ChangeQueueTags {
            added = Map.copyOf(added);
            removed = Set.copyOf(removed);
        }
    }

    /** PutResourcePolicy and DeleteResourcePolicy on a queue. */
    record ChangeQueuePolicy(StreamName stream, QueueId id, Optional<String> document)
            implements Command {}

    /**
     * CreateChannel.
     *
     * @param stream the one that is delivered
     * @param carrierId the id that the buffer of the delivery stream gets
     * @param configuration what the API says of it, JSON
     * @param delivery the definition of the delivery stream that does it
     */
    record CreateChannel(
            StreamName stream,
            ChannelId id,
            ChannelName channel,
            StreamId carrierId,
            String configuration,
            String delivery,
            Map<String, String> tags)
            implements Command {
        public CreateChannel {
            tags = Map.copyOf(tags);
        }
    }

    /**
     * UpdateChannel.
     *
     * @param expectedDelivery what the delivery stream was when the change was thought of
     */
    record UpdateChannel(
            StreamName stream,
            ChannelId id,
            String configuration,
            Optional<String> expectedDelivery,
            String delivery)
            implements Command {}

    /** DeleteChannel; its delivery stream goes with it. */
    record DeleteChannel(StreamName stream, ChannelId id) implements Command {}

    /** TagResource and UntagResource on a channel. */
    record ChangeChannelTags(
            StreamName stream, ChannelId id, Map<String, String> added, Set<String> removed)
            implements Command {
        public ChangeChannelTags {
            added = Map.copyOf(added);
            removed = Set.copyOf(removed);
        }
    }

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
