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
 * @param rows how many rows there were
 * @param minRowtime when the first one happened; {@link Long#MAX_VALUE} if there was none
 * @param maxRowtime when the last one happened; {@link Long#MIN_VALUE} if there was none
 * @param ended whether the shard was closed and all of it was read
 * @param caughtUpAt when nothing more was there, milliseconds since 1970; {@link Long#MIN_VALUE} if
 *     there is more
 * @param quietMillis for how long no row has come
 */
public record ShardRead(
        List<ShardId> parents,
        long from,
        long to,
        long rows,
        long minRowtime,
        long maxRowtime,
        boolean ended,
        long caughtUpAt,
        long quietMillis) {

    public ShardRead {
        parents = List.copyOf(parents);
    }
}
