/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import static dev.millrace.shard.map.CommandResult.Reason.INVALID_ARGUMENT;
import static dev.millrace.shard.map.CommandResult.Reason.LIMIT_EXCEEDED;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_IN_USE;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_NOT_FOUND;

import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.map.CommandDecider.Decided;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Decides commands about registered consumers. They can subscribe as soon as it is decided. */
final class ConsumerDecider {

    private final String account;

    ConsumerDecider(String account) {
        this.account = account;
    }

    Decided register(
            ShardMap map, StreamState stream, Command.RegisterConsumer register, Instant now) {
        if (stream.status() == StreamStatus.CREATING || stream.status() == StreamStatus.DELETING) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Stream %s under account %s not ACTIVE, instead in state %s"
                            .formatted(stream.name(), account, stream.status()));
        }
        if (stream.consumer(register.consumer()).isPresent()) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Consumer %s under stream %s under account %s already exists."
                            .formatted(register.consumer(), stream.name(), account));
        }
        int max =
                stream.settings().limits() == LimitsProfile.KINESIS
                        ? StreamConsumer.PER_STREAM_KINESIS_MAX
                        : StreamConsumer.PER_STREAM_MAX;
        if (stream.consumers().size() + map.queuesOf(stream.name()).size() >= max) {
            return Decided.refused(
                    LIMIT_EXCEEDED,
                    "Stream %s under account %s has %d registered consumers and queues, which is as many as it can have."
                            .formatted(stream.name(), account, max));
        }
        return put(
                stream,
                new StreamConsumer(
                        register.consumer(),
                        now.truncatedTo(ChronoUnit.MILLIS),
                        register.tags(),
                        Optional.empty()));
    }

    Decided deregister(StreamState stream, Command.DeregisterConsumer deregister) {
        return whenThere(
                stream,
                deregister.consumer(),
                consumer ->
                        Decided.done(
                                Decision.write(
                                        new ShardMapRecord.StreamPut(
                                                stream.withoutConsumer(consumer.name())))));
    }

    Decided changeTags(StreamState stream, Command.ChangeConsumerTags change) {
        return whenThere(
                stream,
                change.consumer(),
                consumer -> {
                    Map<String, String> tags = new TreeMap<>(consumer.tags());
                    tags.keySet().removeAll(change.removed());
                    tags.putAll(change.added());
                    return tags.size() > StreamSettings.TAGS_MAX
                            ? Decided.refused(
                                    INVALID_ARGUMENT,
                                    "A consumer cannot have more than %d tags; %s of stream %s would have %d."
                                            .formatted(
                                                    StreamSettings.TAGS_MAX,
                                                    consumer.name(),
                                                    stream.name(),
                                                    tags.size()))
                            : put(stream, consumer.withTags(tags));
                });
    }

    Decided changePolicy(StreamState stream, Command.ChangeConsumerPolicy change) {
        return whenThere(
                stream,
                change.consumer(),
                consumer -> put(stream, consumer.withPolicy(change.document())));
    }

    private Decided whenThere(
            StreamState stream, ConsumerName name, Function<StreamConsumer, Decided> decision) {
        return stream.consumer(name)
                .map(decision)
                .orElseGet(() ->
                        Decided.refused(
                                RESOURCE_NOT_FOUND,
                                "Consumer %s under stream %s under account %s not found."
                                        .formatted(name, stream.name(), account)));
    }

    private static Decided put(StreamState stream, StreamConsumer consumer) {
        return Decided.done(
                Decision.write(new ShardMapRecord.StreamPut(stream.withConsumer(consumer))));
    }
}
