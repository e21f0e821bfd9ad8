/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.TimestampType;

/**
 * In which windows a point in time lies. Windows begin at multiples of their size since 1970. A
 * {@code timestamp(3)} comes as microseconds, an interval as milliseconds.
 */
public final class WindowFunctions {

    private static final long MICROS = 1_000;

    /** So many windows a row may be in; more is a mistake in the sizes. */
    private static final long WINDOWS_MAX = 10_000;

    private WindowFunctions() {}

    @ScalarFunction("tumble_start")
    @Description("The start of the window of a size that a point in time lies in")
    @SqlType("timestamp(3)")
    public static long tumbleStart(
            @SqlType("timestamp(3)") long time, @SqlType("interval day to second") long size) {
        return start(time, positive(size));
    }

    @ScalarFunction("tumble_start")
    @Description("The same for windows that begin later by an offset")
    @SqlType("timestamp(3)")
    public static long tumbleStart(
            @SqlType("timestamp(3)") long time,
            @SqlType("interval day to second") long size,
            @SqlType("interval day to second") long offset) {
        return start(time - offset * MICROS, positive(size)) + offset * MICROS;
    }

    @ScalarFunction("hop_starts")
    @Description(
            "The starts of the windows of a size, one every slide, that a point in time lies in")
    @SqlType("array(timestamp(3))")
    public static Block hopStarts(
            @SqlType("timestamp(3)") long time,
            @SqlType("interval day to second") long slide,
            @SqlType("interval day to second") long size) {
        long step = positive(slide);
        long span = positive(size);
        check(span / step);
        long last = start(time, step);
        BlockBuilder starts =
                TimestampType.TIMESTAMP_MILLIS.createBlockBuilder(null, (int) (span / step) + 1);
        for (long at = last - (span - 1) / step * step; at <= last; at += step) {
            if (at + span > time) {
                TimestampType.TIMESTAMP_MILLIS.writeLong(starts, at);
            }
        }
        return starts.build();
    }

    @ScalarFunction("cumulate_ends")
    @Description(
            "The ends of the growing windows, a step more each up to a size, that have a point in time")
    @SqlType("array(timestamp(3))")
    public static Block cumulateEnds(
            @SqlType("timestamp(3)") long time,
            @SqlType("interval day to second") long step,
            @SqlType("interval day to second") long size) {
        long by = positive(step);
        long span = positive(size);
        check(span / by);
        if (span % by != 0) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "The size of cumulating windows is a multiple of their step");
        }
        long start = start(time, span);
        BlockBuilder ends =
                TimestampType.TIMESTAMP_MILLIS.createBlockBuilder(null, (int) (span / by) + 1);
        for (long end = start + by; end <= start + span; end += by) {
            if (end > time) {
                TimestampType.TIMESTAMP_MILLIS.writeLong(ends, end);
            }
        }
        return ends.build();
    }

    private static long start(long micros, long size) {
        return Math.floorDiv(micros, size) * size;
    }

    private static long positive(long millis) {
        if (millis <= 0) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "The size of a window is longer than 0");
        }
        return millis * MICROS;
    }

    private static void check(long windows) {
        if (windows > WINDOWS_MAX) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "A row would lie in "
                            + windows
                            + " windows; at most "
                            + WINDOWS_MAX
                            + " are allowed");
        }
    }
}
