/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_IN_USE;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_NOT_FOUND;

import dev.millrace.shard.QueueId;
import dev.millrace.shard.map.CommandDecider.Decided;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;

/** Decides commands about queues. Records can be received as soon as it is decided. */
final class QueueDecider {

    private final String account;
    private final StreamParts parts;

    QueueDecider(String account) {
        this.account = account;
        this.parts = new StreamParts(account);
    }

    Decided create(ShardMap map, StreamState stream, Command.CreateQueue create, Instant now) {
        return parts.refusedAsNotActive(stream)
                .or(() -> refusedAsAnother(stream, create))
                .or(() -> parts.refusedAsProvisioned(stream, "Queues"))
                .or(() -> refusedAsTaken(map, create))
                .or(() -> parts.refusedAsFull(map, stream))
                .orElseGet(() ->
                        put(
                                new QueueDefinition(
                                        create.id(),
                                        create.queue(),
                                        stream.name(),
                                        stream.id(),
                                        now.truncatedTo(ChronoUnit.MILLIS),
                                        create.start(),
                                        create.visibilitySeconds(),
                                        create.maxReceiveCount(),
                                        create.tags(),
                                        Optional.empty())));
    }

    private Optional<Decided> refusedAsAnother(StreamState stream, Command.CreateQueue create) {
        return stream.id().equals(create.streamId())
                ? Optional.empty()
                : Optional.of(
                        Decided.refused(
                                RESOURCE_IN_USE,
                                "Stream %s under account %s was made anew meanwhile."
                                        .formatted(stream.name(), account)));
    }

    private Optional<Decided> refusedAsTaken(ShardMap map, Command.CreateQueue create) {
        return map.queues().stream().noneMatch(queue -> queue.name().equals(create.queue()))
                ? Optional.empty()
                : Optional.of(
                        Decided.refused(
                                RESOURCE_IN_USE,
                                "Queue %s under account %s already exists."
                                        .formatted(create.queue(), account)));
    }

    Decided update(ShardMap map, Command.UpdateQueue update) {
        return whenThere(
                map,
                update.id(),
                queue ->
                        put(
                                queue.with(
                                        update.visibilitySeconds()
                                                .orElse(queue.visibilitySeconds()),
                                        update.deadLetters()
                                                .map(Command.DeadLetters::maxReceiveCount)
                                                .orElse(queue.maxReceiveCount()))));
    }

    Decided delete(ShardMap map, Command.DeleteQueue delete) {
        return whenThere(
                map,
                delete.id(),
                queue -> Decided.done(Decision.write(new ShardMapRecord.QueueGone(queue.id()))));
    }

    Decided changeTags(ShardMap map, Command.ChangeQueueTags change) {
        return whenThere(
                map,
                change.id(),
                queue ->
                        StreamParts.withTags(
                                StreamParts.changed(queue.tags(), change.added(), change.removed()),
                                "queue",
                                queue.name().value(),
                                tags -> put(queue.withTags(tags))));
    }

    Decided changePolicy(ShardMap map, Command.ChangeQueuePolicy change) {
        return whenThere(map, change.id(), queue -> put(queue.withPolicy(change.document())));
    }

    private Decided whenThere(
            ShardMap map, QueueId id, Function<QueueDefinition, Decided> decision) {
        return map.queue(id)
                .map(decision)
                .orElseGet(() ->
                        Decided.refused(
                                RESOURCE_NOT_FOUND,
                                "Queue %s under account %s not found.".formatted(id, account)));
    }

    private static Decided put(QueueDefinition queue) {
        return Decided.done(Decision.write(new ShardMapRecord.QueuePut(queue)));
    }
}
