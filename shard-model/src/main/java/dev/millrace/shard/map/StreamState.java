/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A stream, without its shards.
 *
 * @param topic the topic that holds its records: of the stream's name wherever Kafka allows it
 * @param topicId Kafka's id of that topic, once it is made: a topic is deleted by its id, so that
 *     nobody deletes a newer one of the same name
 * @param ownerUid the uid of the Stream resource that owns it; none when it was made through the
 *     API and has not been adopted
 * @param targetShardCount the number of open shards that it has or is heading for
 * @param nextShardIndex the number of the shard that is made next
 * @param reshard the reshard on its way; there is one exactly while the status is UPDATING
 * @param lastReshard the last one that ended
 * @param consumers the consumers that are registered for fan-out, in the order of their names
 */
public record StreamState(
        StreamName name,
        StreamId id,
        StreamStatus status,
        Instant createdAt,
        String topic,
        Optional<String> topicId,
        Optional<String> ownerUid,
        StreamSettings settings,
        int targetShardCount,
        long nextShardIndex,
        Optional<Reshard> reshard,
        Optional<Reshard> lastReshard,
        List<StreamConsumer> consumers) {

    public StreamState {
        // A log of an older version has none.
        consumers = List.copyOf(Objects.requireNonNullElse(consumers, List.of()));
    }

    /** The registered consumer of that name. */
    public Optional<StreamConsumer> consumer(ConsumerName consumerName) {
        return consumers.stream()
                .filter(consumer -> consumer.name().equals(consumerName))
                .findFirst();
    }

    StreamState withStatus(StreamStatus newStatus) {
        return new StreamState(
                name,
                id,
                newStatus,
                createdAt,
                topic,
                topicId,
                ownerUid,
                settings,
                targetShardCount,
                nextShardIndex,
                reshard,
                lastReshard,
                consumers);
    }

    StreamState activated(String madeTopic, String madeTopicId) {
        return new StreamState(
                name,
                id,
                StreamStatus.ACTIVE,
                createdAt,
                madeTopic,
                Optional.of(madeTopicId),
                ownerUid,
                settings,
                targetShardCount,
                targetShardCount,
                reshard,
                lastReshard,
                consumers);
    }

    StreamState withTopic(String newTopic) {
        return new StreamState(
                name,
                id,
                status,
                createdAt,
                newTopic,
                topicId,
                ownerUid,
                settings,
                targetShardCount,
                nextShardIndex,
                reshard,
                lastReshard,
                consumers);
    }

    StreamState withOwner(String uid) {
        return new StreamState(
                name,
                id,
                status,
                createdAt,
                topic,
                topicId,
                Optional.of(uid),
                settings,
                targetShardCount,
                nextShardIndex,
                reshard,
                lastReshard,
                consumers);
    }

    StreamState withSettings(StreamSettings newSettings) {
        return new StreamState(
                name,
                id,
                status,
                createdAt,
                topic,
                topicId,
                ownerUid,
                newSettings,
                targetShardCount,
                nextShardIndex,
                reshard,
                lastReshard,
                consumers);
    }

    StreamState withNextShardIndex(long next) {
        return new StreamState(
                name,
                id,
                status,
                createdAt,
                topic,
                topicId,
                ownerUid,
                settings,
                targetShardCount,
                next,
                reshard,
                lastReshard,
                consumers);
    }

    StreamState resharding(Reshard running) {
        return new StreamState(
                name,
                id,
                StreamStatus.UPDATING,
                createdAt,
                topic,
                topicId,
                ownerUid,
                settings,
                running.target(),
                nextShardIndex,
                Optional.of(running),
                lastReshard,
                consumers);
    }

    StreamState resharded(Reshard ended, int openShards) {
        return new StreamState(
                name,
                id,
                StreamStatus.ACTIVE,
                createdAt,
                topic,
                topicId,
                ownerUid,
                settings,
                openShards,
                nextShardIndex,
                Optional.empty(),
                Optional.of(ended),
                consumers);
    }

    /** With this consumer, which takes the place of one of the same name. */
    StreamState withConsumer(StreamConsumer consumer) {
        return withConsumers(
                Stream.concat(
                                consumers.stream()
                                        .filter(other -> !other.name().equals(consumer.name())),
                                Stream.of(consumer))
                        .sorted(Comparator.comparing(StreamConsumer::name))
                        .toList());
    }

    StreamState withoutConsumer(ConsumerName gone) {
        return withConsumers(
                consumers.stream().filter(consumer -> !consumer.name().equals(gone)).toList());
    }

    private StreamState withConsumers(List<StreamConsumer> changed) {
        return new StreamState(
                name,
                id,
                status,
                createdAt,
                topic,
                topicId,
                ownerUid,
                settings,
                targetShardCount,
                nextShardIndex,
                reshard,
                lastReshard,
                changed);
    }
}
