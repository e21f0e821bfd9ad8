/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;

/** Functions of times that Kinesis Data Analytics has under these names, in milliseconds. */
public final class TimeFunctions {

    private static final long MICROS = 1_000;

    private TimeFunctions() {}

    @ScalarFunction("tsdiff")
    @Description("The milliseconds from the second time to the first one")
    @SqlType("bigint")
    public static long tsdiff(
            @SqlType("timestamp(3)") long later, @SqlType("timestamp(3)") long earlier) {
        return Math.floorDiv(later - earlier, MICROS);
    }

    @ScalarFunction("unix_timestamp")
    @Description("The milliseconds since 1970 of a time that is UTC")
    @SqlType("bigint")
    public static long unixTimestamp(@SqlType("timestamp(3)") long time) {
        return Math.floorDiv(time, MICROS);
    }
}
