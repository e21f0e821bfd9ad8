/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

/**
 * Records of a shard that were read together, and when their rows happened: so that a window's
 * query reads no others. Times are milliseconds since 1970.
 *
 * @param from the first offset
 * @param to the offset behind the last one
 * @param rows how many of them are rows; at least one
 * @param minRowtime when the first row happened
 * @param maxRowtime when the last row happened
 * @param watermark the input's watermark when they were read: rows before it came late
 */
public record Chunk(
        long from, long to, long rows, long minRowtime, long maxRowtime, long watermark) {

    boolean hasLateRows() {
        return minRowtime < watermark;
    }

    /**
     * Whether this chunk and another one can be one: nothing that was forgotten lies between them,
     * and the same rows of both came late.
     */
    boolean goesOnIn(Chunk next) {
        return to == next.from && (!next.hasLateRows() || watermark == next.watermark);
    }

    /** With records behind it that are no rows. */
    Chunk upTo(long offset) {
        return new Chunk(from, offset, rows, minRowtime, maxRowtime, watermark);
    }

    /** This chunk and the one behind it as one. */
    Chunk and(Chunk next) {
        return new Chunk(
                from,
                next.to,
                rows + next.rows,
                Math.min(minRowtime, next.minRowtime),
                Math.max(maxRowtime, next.maxRowtime),
                watermark);
    }
}
