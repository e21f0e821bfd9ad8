/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_IN_USE;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_NOT_FOUND;

import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.map.CommandDecider.Decided;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;

/** Decides commands about registered consumers. They can subscribe as soon as it is decided. */
final class ConsumerDecider {

    private final String account;
    private final StreamParts parts;

    ConsumerDecider(String account) {
        this.account = account;
        this.parts = new StreamParts(account);
    }

    Decided register(
            ShardMap map, StreamState stream, Command.RegisterConsumer register, Instant now) {
        return parts.refusedAsNotActive(stream)
                .or(() -> refusedAsTaken(stream, register.consumer()))
                .or(() -> parts.refusedAsFull(map, stream))
                .orElseGet(() ->
                        put(
                                stream,
                                new StreamConsumer(
                                        register.consumer(),
                                        now.truncatedTo(ChronoUnit.MILLIS),
                                        register.tags(),
                                        Optional.empty())));
    }

    private Optional<Decided> refusedAsTaken(StreamState stream, ConsumerName name) {
        return stream.consumer(name)
                .map(_ ->
                        Decided.refused(
                                RESOURCE_IN_USE,
                                "Consumer %s under stream %s under account %s already exists."
                                        .formatted(name, stream.name(), account)));
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
                consumer ->
                        StreamParts.withTags(
                                StreamParts.changed(
                                        consumer.tags(), change.added(), change.removed()),
                                "consumer",
                                consumer.name() + " of stream " + stream.name(),
                                tags -> put(stream, consumer.withTags(tags))));
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
