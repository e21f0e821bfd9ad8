/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

/**
 * When the results of a query are final, and which rows they need. All times are milliseconds since
 * 1970.
 */
public sealed interface Timing {

    /**
     * Up to when results can be given, now that no row before the watermark is expected any more.
     */
    long closed(long watermark);

    /** The first row that results need which are not given yet. */
    long rowsFrom(long closed);

    /** Each row by itself, as soon as it is there. */
    record Stateless() implements Timing {
        @Override
        public long closed(long watermark) {
            return watermark;
        }

        @Override
        public long rowsFrom(long closed) {
            return Long.MAX_VALUE;
        }
    }

    /** Windows that follow each other: tumbling ones, or a bucketed rowtime. */
    record Tumbling(Bucket bucket) implements Timing {
        @Override
        public long closed(long watermark) {
            return bucket.start(watermark);
        }

        @Override
        public long rowsFrom(long closed) {
            return closed;
        }
    }

    /** Windows of a size, one each slide. */
    record Hopping(long slide, long size) implements Timing {
        @Override
        public long closed(long watermark) {
            // Windows end where others begin if the size is a multiple; else at start + size.
            return Math.floorDiv(watermark - size, slide) * slide + size;
        }

        @Override
        public long rowsFrom(long closed) {
            return closed - size + slide;
        }
    }

    /** Windows that grow by a step up to a size. */
    record Cumulating(long step, long size) implements Timing {
        @Override
        public long closed(long watermark) {
            return Math.floorDiv(watermark, step) * step;
        }

        @Override
        public long rowsFrom(long closed) {
            return Math.floorDiv(closed, size) * size;
        }
    }

    /**
     * Rows of a key that follow each other within a gap. Results come at steps of time, because
     * each look for them costs a query.
     */
    record Sessions(long gap) implements Timing {
        @Override
        public long closed(long watermark) {
            long step = Math.clamp(gap / 10, 1, 1_000);
            return Math.floorDiv(watermark, step) * step;
        }

        /** No more than this: the first row of the oldest open session is known to who runs it. */
        @Override
        public long rowsFrom(long closed) {
            return closed;
        }
    }

    /** Rows in the order of time, each with the rows up to some time before it. */
    record Lookback(long millis) implements Timing {
        @Override
        public long closed(long watermark) {
            return watermark;
        }

        @Override
        public long rowsFrom(long closed) {
            return closed == Span.BEGINNING ? closed : closed - millis;
        }
    }
}
