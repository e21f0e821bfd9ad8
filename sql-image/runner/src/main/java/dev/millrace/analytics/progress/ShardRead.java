/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import dev.millrace.shard.ShardId;
import java.util.List;

/**
 * What was read of a shard since the last time, perhaps nothing.
 *
 * @param parents the shards whose place it took
 * @param from the first offset
 * @param to the offset behind the last one
 * @param parts what it is made of, one behind the other; none if there were no rows
 * @param ended whether the shard was closed and all of it was read
 * @param caughtUpAt when nothing more was there, milliseconds since 1970; {@link Long#MIN_VALUE} if
 *     there is more
 * @param quietMillis for how long no row has come
 */
public record ShardRead(
        List<ShardId> parents,
        long from,
        long to,
        List<Part> parts,
        boolean ended,
        long caughtUpAt,
        long quietMillis) {

    /**
     * Some of it, so few that a query whose time begins or ends among them reads little in vain.
     *
     * @param rows how many rows it has; at least one
     * @param minRowtime when the first one happened
     * @param maxRowtime when the last one happened
     */
    public record Part(long from, long to, long rows, long minRowtime, long maxRowtime) {}

    public ShardRead {
        parents = List.copyOf(parents);
        parts = List.copyOf(parts);
    }

    /** How many rows there were. */
    public long rows() {
        return parts.stream().mapToLong(Part::rows).sum();
    }

    /** When the last row happened; {@link Long#MIN_VALUE} if there was none. */
    public long maxRowtime() {
        return parts.stream().mapToLong(Part::maxRowtime).max().orElse(Long.MIN_VALUE);
    }
}
