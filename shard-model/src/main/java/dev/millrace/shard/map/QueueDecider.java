/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import static dev.millrace.shard.map.CommandResult.Reason.INVALID_ARGUMENT;
import static dev.millrace.shard.map.CommandResult.Reason.LIMIT_EXCEEDED;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_IN_USE;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_NOT_FOUND;
import static dev.millrace.shard.map.CommandResult.Reason.VALIDATION;

import dev.millrace.shard.QueueId;
import dev.millrace.shard.map.CommandDecider.Decided;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Decides commands about queues. Records can be received as soon as it is decided. */
final class QueueDecider {

    private final String account;

    QueueDecider(String account) {
        this.account = account;
    }

    Decided create(ShardMap map, StreamState stream, Command.CreateQueue create, Instant now) {
        if (stream.status() == StreamStatus.CREATING || stream.status() == StreamStatus.DELETING) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Stream %s under account %s not ACTIVE, instead in state %s"
                            .formatted(stream.name(), account, stream.status()));
        }
        if (!stream.id().equals(create.streamId())) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Stream %s under account %s was made anew meanwhile."
                            .formatted(stream.name(), account));
        }
        boolean limited = stream.settings().limits() == LimitsProfile.KINESIS;
        if (limited && stream.settings().mode() != StreamMode.ON_DEMAND) {
            return Decided.refused(
                    VALIDATION,
                    "Stream %s under account %s is in PROVISIONED mode. Queues are supported only on streams in ON_DEMAND mode."
                            .formatted(stream.name(), account));
        }
        if (map.queues().stream().anyMatch(queue -> queue.name().equals(create.queue()))) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Queue %s under account %s already exists.".formatted(create.queue(), account));
        }
        int max = limited ? StreamConsumer.PER_STREAM_KINESIS_MAX : StreamConsumer.PER_STREAM_MAX;
        if (stream.consumers().size() + map.queuesOf(stream.name()).size() >= max) {
            return Decided.refused(
                    LIMIT_EXCEEDED,
                    "Stream %s under account %s has %d registered consumers and queues, which is as many as it can have."
                            .formatted(stream.name(), account, max));
        }
        return put(
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
                        Optional.empty()));
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
                queue -> {
                    Map<String, String> tags = new TreeMap<>(queue.tags());
                    tags.keySet().removeAll(change.removed());
                    tags.putAll(change.added());
                    return tags.size() > StreamSettings.TAGS_MAX
                            ? Decided.refused(
                                    INVALID_ARGUMENT,
                                    "A queue cannot have more than %d tags; %s would have %d."
                                            .formatted(
                                                    StreamSettings.TAGS_MAX,
                                                    queue.name(),
                                                    tags.size()))
                            : put(queue.withTags(tags));
                });
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
