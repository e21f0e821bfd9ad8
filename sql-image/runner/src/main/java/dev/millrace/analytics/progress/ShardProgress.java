/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import java.util.ArrayList;
import java.util.List;

/**
 * How far a shard was read.
 *
 * @param position the next offset
 * @param maxRowtime when its last row happened, or that of its parents; {@link Long#MIN_VALUE} if
 *     there is none
 * @param ended whether it was closed and all of it was read
 * @param chunks what was read and is still needed, in order
 */
public record ShardProgress(long position, long maxRowtime, boolean ended, List<Chunk> chunks) {

    /** Chunks that small are put together. */
    private static final long ROWS_MIN = 10_000;

    public ShardProgress {
        chunks = List.copyOf(chunks);
    }

    /** After some records were read; rows that came late are in it, too. */
    ShardProgress with(ShardRead read, long watermark) {
        List<Chunk> more = new ArrayList<>(chunks);
        if (read.rows() > 0) {
            Chunk chunk =
                    new Chunk(
                            read.from(),
                            read.to(),
                            read.rows(),
                            read.minRowtime(),
                            read.maxRowtime(),
                            watermark);
            Chunk last = more.isEmpty() ? null : more.getLast();
            if (last != null
                    && last.rows() + chunk.rows() <= ROWS_MIN
                    && (!chunk.hasLateRows() || last.watermark() == watermark)) {
                more.set(more.size() - 1, last.and(chunk));
            } else {
                more.add(chunk);
            }
        }
        return new ShardProgress(
                read.to(), Math.max(maxRowtime, read.maxRowtime()), read.ended(), more);
    }

    /** Without the chunks all of whose rows happened before a time. */
    ShardProgress from(long rowtime) {
        return new ShardProgress(
                position,
                maxRowtime,
                ended,
                chunks.stream().filter(chunk -> chunk.maxRowtime() >= rowtime).toList());
    }

    /** With no more than so many chunks: neighbours are put together. */
    ShardProgress within(int max) {
        if (chunks.size() <= max) {
            return this;
        }
        List<Chunk> fewer = new ArrayList<>();
        for (int i = 0; i < chunks.size(); i += 2) {
            fewer.add(i + 1 < chunks.size() ? chunks.get(i).and(chunks.get(i + 1)) : chunks.get(i));
        }
        return new ShardProgress(position, maxRowtime, ended, fewer).within(max);
    }
}
