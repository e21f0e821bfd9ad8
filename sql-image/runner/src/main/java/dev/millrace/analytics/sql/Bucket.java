/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;
import java.util.Optional;

/**
 * How time is divided into windows that follow each other: where the one begins that has a moment.
 */
sealed interface Bucket {

    /** The start of the bucket of a moment, milliseconds since 1970. */
    long start(long millis);

    /** Buckets of the same length, which begin at its multiples since 1970. */
    record Fixed(long millis) implements Bucket {
        @Override
        public long start(long moment) {
            return Math.floorDiv(moment, millis) * millis;
        }
    }

    /** Buckets of the calendar, UTC. */
    record Calendar(Unit unit) implements Bucket {
        enum Unit {
            WEEK,
            MONTH,
            QUARTER,
            YEAR
        }

        @Override
        public long start(long moment) {
            LocalDate day = LocalDate.ofInstant(Instant.ofEpochMilli(moment), ZoneOffset.UTC);
            LocalDate first =
                    switch (unit) {
                        case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
                        case MONTH -> day.withDayOfMonth(1);
                        case QUARTER ->
                                day.withDayOfMonth(1)
                                        .withMonth((day.getMonthValue() - 1) / 3 * 3 + 1);
                        case YEAR -> day.withDayOfYear(1);
                    };
            return first.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        }
    }

    /** The buckets of {@code date_trunc(unit, ...)}. */
    static Optional<Bucket> ofUnit(String unit) {
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "second" -> Optional.of(new Fixed(1_000));
            case "minute" -> Optional.of(new Fixed(60_000));
            case "hour" -> Optional.of(new Fixed(3_600_000));
            case "day" -> Optional.of(new Fixed(Duration.ofDays(1).toMillis()));
            case "week" -> Optional.of(new Calendar(Calendar.Unit.WEEK));
            case "month" -> Optional.of(new Calendar(Calendar.Unit.MONTH));
            case "quarter" -> Optional.of(new Calendar(Calendar.Unit.QUARTER));
            case "year" -> Optional.of(new Calendar(Calendar.Unit.YEAR));
            default -> Optional.empty();
        };
    }
}
