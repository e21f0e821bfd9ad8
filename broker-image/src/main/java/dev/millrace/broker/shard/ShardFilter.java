/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shard;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.map.StreamView;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * Which shards of a stream ListShards shows.
 *
 * @param after the shard behind which AFTER_SHARD_ID starts
 * @param time the time of AT_TIMESTAMP and FROM_TIMESTAMP
 */
public record ShardFilter(Type type, Optional<ShardId> after, Optional<Instant> time) {

    static final ShardFilter NONE =
            new ShardFilter(Type.FROM_TRIM_HORIZON, Optional.empty(), Optional.empty());

    enum Type {
        AFTER_SHARD_ID,
        AT_TRIM_HORIZON,
        FROM_TRIM_HORIZON,
        AT_LATEST,
        AT_TIMESTAMP,
        FROM_TIMESTAMP
    }

    /**
     * @throws AwsException if the type's own value is missing
     */
    public ShardFilter {
        if (type == Type.AFTER_SHARD_ID && after.isEmpty()) {
            throw AwsException.invalidArgument(
                    "ShardFilter.ShardId is required for ShardFilter.Type AFTER_SHARD_ID.");
        }
        boolean needsTime = type == Type.AT_TIMESTAMP || type == Type.FROM_TIMESTAMP;
        if (needsTime && time.isEmpty()) {
            throw AwsException.invalidArgument(
                    "ShardFilter.Timestamp is required for ShardFilter.Type " + type + ".");
        }
    }

    boolean shows(Shard shard, StreamView stream, Instant now) {
        return switch (type) {
            case AFTER_SHARD_ID -> shard.id().compareTo(after.orElseThrow()) > 0;
            case AT_LATEST -> shard.isOpen();
            case AT_TRIM_HORIZON -> wasOpenAt(shard, trimHorizon(stream, now));
            case FROM_TRIM_HORIZON -> true;
            case AT_TIMESTAMP -> wasOpenAt(shard, later(trimHorizon(stream, now)));
            case FROM_TIMESTAMP -> shard.isOpen() || closedAt(shard).isAfter(time.orElseThrow());
        };
    }

    private Instant later(Instant horizon) {
        Instant wanted = time.orElseThrow();
        return wanted.isBefore(horizon) ? horizon : wanted;
    }

    private static boolean wasOpenAt(Shard shard, Instant time) {
        return !shard.createdAt().isAfter(time)
                && (shard.isOpen() || closedAt(shard).isAfter(time));
    }

    /** The time of the oldest record that there can be: not before the first shard was made. */
    private static Instant trimHorizon(StreamView stream, Instant now) {
        Instant byAge = now.minus(Duration.ofHours(stream.state().settings().retentionHours()));
        return stream.shards().stream()
                .map(Shard::createdAt)
                .min(Comparator.naturalOrder())
                .filter(first -> first.isAfter(byAge))
                .orElse(byAge);
    }

    private static Instant closedAt(Shard shard) {
        return shard.phase() instanceof Shard.Closed closed ? closed.closedAt() : Instant.MAX;
    }
}
