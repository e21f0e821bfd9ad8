/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The streams of a pool at one moment.
 *
 * @param deleted those deleted within the last day: the only evidence that a stream is gone because
 *     somebody wanted it to
 */
public record PoolStreams(List<StreamStateView> streams, List<Deleted> deleted) {

    public static final PoolStreams NONE = new PoolStreams(List.of(), List.of());

    public PoolStreams {
        streams = List.copyOf(streams);
        deleted = List.copyOf(deleted);
    }

    /**
     * These and those of the next page. The traces of all pages count: a stream that was deleted
     * between two pages is on neither of them, and its trace only on the second.
     */
    PoolStreams and(PoolStreams more) {
        return new PoolStreams(
                Stream.concat(streams.stream(), more.streams.stream()).toList(),
                Stream.concat(deleted.stream(), more.deleted.stream()).distinct().toList());
    }

    public Optional<StreamStateView> find(StreamName name) {
        return streams.stream().filter(stream -> stream.name().equals(name)).findFirst();
    }

    /** These, with one stream being as it was seen later. */
    public PoolStreams with(StreamStateView newer) {
        return new PoolStreams(
                Stream.concat(
                                streams.stream()
                                        .filter(stream -> !stream.name().equals(newer.name())),
                                Stream.of(newer))
                        .toList(),
                deleted);
    }

    public boolean wasDeleted(StreamId id) {
        return deleted.stream().anyMatch(stream -> stream.id().equals(id));
    }

    /** The trace of a stream that was deleted. */
    public record Deleted(
            StreamName name, StreamId id, Optional<String> ownerUid, Instant deletedAt) {}
}
