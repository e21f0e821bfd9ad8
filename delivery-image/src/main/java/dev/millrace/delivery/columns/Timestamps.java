/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.columns;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What texts and numbers are times, in UTC where they do not say. Immutable. */
public final class Timestamps {

    /** Above it a number is of milliseconds: the year 5138 in seconds, 1973 in milliseconds. */
    private static final BigDecimal SECONDS_MAX = BigDecimal.valueOf(100_000_000_000L);

    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final BigDecimal THOUSAND = BigDecimal.valueOf(1_000);

    /** ISO 8601, with a blank or T, with or without a zone, up to nanoseconds. */
    private static final DateTimeFormatter ISO =
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .appendPattern("yyyy-[MM][M]-[dd][d][['T'][ ]HH:mm[:ss]]")
                    .optionalStart()
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .optionalEnd()
                    .optionalStart()
                    .appendOffset("+HH:mm", "Z")
                    .optionalEnd()
                    .optionalStart()
                    .appendOffset("+HHMM", "Z")
                    .optionalEnd()
                    .toFormatter();

    private final List<DateTimeFormatter> formats = new ArrayList<>();
    private final boolean millisOnly;

    /**
     * @param patterns of {@link DateTimeFormatter}, tried in order before ISO 8601; {@code millis}
     *     for numbers of milliseconds whatever their size
     * @throws IllegalArgumentException if one is no pattern
     */
    public Timestamps(List<String> patterns) {
        this.millisOnly = patterns.contains("millis");
        for (String pattern : patterns) {
            if (!pattern.equals("millis")) {
                formats.add(DateTimeFormatter.ofPattern(pattern));
            }
        }
        formats.add(ISO);
    }

    long micros(BigDecimal number) {
        boolean millis = millisOnly || number.abs().compareTo(SECONDS_MAX) > 0;
        return number.multiply(millis ? THOUSAND : MILLION)
                .setScale(0, RoundingMode.DOWN)
                .longValueExact();
    }

    long micros(String text) throws RowException {
        for (DateTimeFormatter format : formats) {
            Long micros = micros(text, format);
            if (micros != null) {
                return micros;
            }
        }
        try {
            return micros(new BigDecimal(text));
        } catch (NumberFormatException _) {
            throw new RowException(
                    "DataFormatConversion.MalformedData", "'" + text + "' is no timestamp");
        }
    }

    private static @Nullable Long micros(String text, DateTimeFormatter format) {
        try {
            TemporalAccessor parsed = format.parse(text);
            LocalDate date = parsed.query(TemporalQueries.localDate());
            LocalTime time = parsed.query(TemporalQueries.localTime());
            ZoneOffset offset = parsed.query(TemporalQueries.offset());
            if (date == null) {
                return null;
            }
            LocalDateTime local = date.atTime(time == null ? LocalTime.MIDNIGHT : time);
            long seconds = local.toEpochSecond(offset == null ? ZoneOffset.UTC : offset);
            return Math.addExact(Math.multiplyExact(seconds, 1_000_000), local.getNano() / 1_000);
        } catch (DateTimeException _) {
            return null;
        }
    }
}
