/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * The time whose results one run of a query gives, in milliseconds since 1970: of the windows that
 * end after {@code from} and at {@code to} at the latest, or of the rows from {@code from} on and
 * before {@code to}.
 *
 * @param from {@link #BEGINNING} if nothing was given yet
 */
public record Span(long from, long to) {

    /** Before all times. */
    public static final long BEGINNING = Long.MIN_VALUE;

    private static final DateTimeFormatter LITERAL =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    /** SQL's earliest and latest years of four digits. */
    private static final long MIN = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();

    private static final long MAX = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    static String timestamp(long millis) {
        return "TIMESTAMP '"
                + LITERAL.format(Instant.ofEpochMilli(Math.clamp(millis, MIN, MAX)))
                + "'";
    }

    static String interval(long millis) {
        return "INTERVAL '"
                + millis / 1_000
                + (millis % 1_000 == 0 ? "" : ".%03d".formatted(millis % 1_000))
                + "' SECOND";
    }
}
