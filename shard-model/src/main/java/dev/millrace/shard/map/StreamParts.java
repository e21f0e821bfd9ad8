/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import static dev.millrace.shard.map.CommandResult.Reason.INVALID_ARGUMENT;
import static dev.millrace.shard.map.CommandResult.Reason.LIMIT_EXCEEDED;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_IN_USE;
import static dev.millrace.shard.map.CommandResult.Reason.VALIDATION;

import dev.millrace.shard.map.CommandDecider.Decided;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** What holds for everything that hangs on a stream: consumers, queues and channels. */
final class StreamParts {

    private final String account;

    StreamParts(String account) {
        this.account = account;
    }

    /** Nothing is hung on a stream that is not there yet, or goes. */
    Optional<Decided> refusedAsNotActive(StreamState stream) {
        boolean usable =
                stream.status() != StreamStatus.CREATING
                        && stream.status() != StreamStatus.DELETING;
        return usable
                ? Optional.empty()
                : Optional.of(
                        Decided.refused(
                                RESOURCE_IN_USE,
                                "Stream %s under account %s not ACTIVE, instead in state %s"
                                        .formatted(stream.name(), account, stream.status())));
    }

    /**
     * With Kinesis's limits, queues and channels are for streams in ON_DEMAND mode.
     *
     * @param what such as Queues
     */
    Optional<Decided> refusedAsProvisioned(StreamState stream, String what) {
        boolean allowed =
                stream.settings().limits() != LimitsProfile.KINESIS
                        || stream.settings().mode() == StreamMode.ON_DEMAND;
        return allowed
                ? Optional.empty()
                : Optional.of(
                        Decided.refused(
                                VALIDATION,
                                "Stream %s under account %s is in PROVISIONED mode. %s are supported only on streams in ON_DEMAND mode."
                                        .formatted(stream.name(), account, what)));
    }

    /** Consumers and queues share a number that a stream can have. */
    Optional<Decided> refusedAsFull(ShardMap map, StreamState stream) {
        int max =
                stream.settings().limits() == LimitsProfile.KINESIS
                        ? StreamConsumer.PER_STREAM_KINESIS_MAX
                        : StreamConsumer.PER_STREAM_MAX;
        return stream.consumers().size() + map.queuesOf(stream.name()).size() < max
                ? Optional.empty()
                : Optional.of(
                        Decided.refused(
                                LIMIT_EXCEEDED,
                                "Stream %s under account %s has %d registered consumers and queues, which is as many as it can have."
                                        .formatted(stream.name(), account, max)));
    }

    static Map<String, String> changed(
            Map<String, String> tags, Map<String, String> added, Set<String> removed) {
        Map<String, String> changed = new TreeMap<>(tags);
        changed.keySet().removeAll(removed);
        changed.putAll(added);
        return changed;
    }

    /**
     * Decides with changed tags, if they are not too many.
     *
     * @param kind such as a queue
     * @param which the one that has the tags
     */
    static Decided withTags(
            Map<String, String> tags,
            String kind,
            String which,
            Function<Map<String, String>, Decided> decision) {
        return tags.size() > StreamSettings.TAGS_MAX
                ? Decided.refused(
                        INVALID_ARGUMENT,
                        "A %s cannot have more than %d tags; %s would have %d."
                                .formatted(kind, StreamSettings.TAGS_MAX, which, tags.size()))
                : decision.apply(tags);
    }
}
