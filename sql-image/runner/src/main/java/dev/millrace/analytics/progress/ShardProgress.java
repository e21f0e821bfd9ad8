/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;

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
    private static final long ROWS_MIN = 5_000;

    public ShardProgress {
        chunks = List.copyOf(chunks);
    }

    /** After some records were read; rows that came late are in it, too. */
    ShardProgress with(ShardRead read, long watermark) {
        List<Chunk> more = new ArrayList<>(chunks);
        for (ShardRead.Part part : read.parts()) {
            Chunk chunk =
                    new Chunk(
                            part.from(),
                            part.to(),
                            part.rows(),
                            part.minRowtime(),
                            part.maxRowtime(),
                            watermark);
            Chunk last = more.isEmpty() ? null : more.getLast();
            if (last != null && last.rows() + chunk.rows() <= ROWS_MIN && last.goesOnIn(chunk)) {
                more.set(more.size() - 1, last.and(chunk));
            } else {
                more.add(chunk);
            }
        }
        if (read.parts().isEmpty() && !more.isEmpty() && more.getLast().to() == read.from()) {
            more.set(more.size() - 1, more.getLast().upTo(read.to()));
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

    /**
     * With no more than so many chunks: neighbours are put together. If that is not enough, also
     * those that late rows or forgotten ones divide; such rows may count again then.
     */
    ShardProgress within(int max) {
        if (chunks.size() <= max) {
            return this;
        }
        List<Chunk> fewer = together(Chunk::goesOnIn);
        if (fewer.size() > max && fewer.size() > chunks.size() * 3 / 4) {
            fewer = together((_, _) -> true);
        }
        return new ShardProgress(position, maxRowtime, ended, fewer).within(max);
    }

    /** Pairs of neighbours as one where they may be. */
    private List<Chunk> together(BiPredicate<Chunk, Chunk> may) {
        List<Chunk> fewer = new ArrayList<>();
        for (int i = 0; i < chunks.size(); i++) {
            if (i + 1 < chunks.size() && may.test(chunks.get(i), chunks.get(i + 1))) {
                fewer.add(chunks.get(i).and(chunks.get(i + 1)));
                i++;
            } else {
                fewer.add(chunks.get(i));
            }
        }
        return fewer;
    }
}
