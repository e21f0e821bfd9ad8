/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Points in time as producers write them: ISO 8601, with a T or a blank, with a zone or in UTC; or
 * a number, in seconds since 1970 below 10^11 (the year 5138), in milliseconds below 10^14, else in
 * microseconds.
 */
public final class EventTime {

    private static final double SECONDS_MAX = 1e11;
    private static final double MILLIS_MAX = 1e14;

    private static final DateTimeFormatter TEXT =
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE)
                    .optionalStart()
                    .optionalStart()
                    .appendLiteral('T')
                    .optionalEnd()
                    .optionalStart()
                    .appendLiteral(' ')
                    .optionalEnd()
                    .appendPattern("HH:mm[:ss]")
                    .optionalStart()
                    .appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, true)
                    .optionalEnd()
                    .optionalStart()
                    .optionalStart()
                    .appendLiteral(' ')
                    .optionalEnd()
                    .appendOffset("+HH:mm", "Z")
                    .optionalEnd()
                    .optionalStart()
                    .appendLiteral(" UTC")
                    .optionalEnd()
                    .optionalEnd()
                    .toFormatter(Locale.ROOT)
                    .withResolverStyle(ResolverStyle.STRICT);

    private EventTime() {}

    /** Microseconds since 1970; empty if the text is no point in time. */
    public static OptionalLong microsOfText(String text) {
        long fast = fastMicros(text);
        if (fast != Long.MIN_VALUE) {
            return OptionalLong.of(fast);
        }
        try {
            TemporalAccessor parsed =
                    TEXT.parseBest(
                            text.trim(),
                            OffsetDateTime::from,
                            LocalDateTime::from,
                            LocalDate::from);
            Instant instant =
                    switch (parsed) {
                        case OffsetDateTime zoned -> zoned.toInstant();
                        case LocalDateTime local -> local.toInstant(ZoneOffset.UTC);
                        default ->
                                parsed.query(TemporalQueries.localDate())
                                        .atStartOfDay()
                                        .toInstant(ZoneOffset.UTC);
                    };
            return OptionalLong.of(
                    Math.addExact(
                            Math.multiplyExact(instant.getEpochSecond(), 1_000_000L),
                            instant.getNano() / 1_000));
        } catch (DateTimeException | ArithmeticException _) {
            return microsOfNumberText(text);
        }
    }

    /** Microseconds since 1970 of the value that a parser stands at: a text or a number. */
    public static OptionalLong micros(JsonParser at) throws IOException {
        return switch (at.currentToken()) {
            case VALUE_STRING -> microsOfText(at.getText());
            case VALUE_NUMBER_INT ->
                    at.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                            ? OptionalLong.empty()
                            : microsOfNumber(at.getLongValue());
            case VALUE_NUMBER_FLOAT -> microsOfNumber(at.getDoubleValue());
            default -> OptionalLong.empty();
        };
    }

    /** As {@link #micros(JsonParser)}. */
    public static OptionalLong micros(PlainScalar value) {
        return switch (value.kind()) {
            case TEXT -> microsOfText(value.text());
            case WHOLE ->
                    value.isLong()
                            ? microsOfNumber(value.asLong())
                            : microsOfLongNumber(value.text());
            case FRACTION -> microsOfNumber(value.asDouble());
            case TRUE, FALSE, NULL -> OptionalLong.empty();
        };
    }

    private static OptionalLong microsOfLongNumber(String digits) {
        try {
            return microsOfNumber(Long.parseLong(digits));
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    /** Microseconds since 1970 of a number in one of the three units. */
    public static OptionalLong microsOfNumber(double number) {
        double size = Math.abs(number);
        double micros =
                size < SECONDS_MAX ? number * 1e6 : size < MILLIS_MAX ? number * 1e3 : number;
        return Double.isFinite(micros) && Math.abs(micros) < 9e18
                ? OptionalLong.of(Math.round(micros))
                : OptionalLong.empty();
    }

    /** As {@link #microsOfNumber(double)}, and exact. */
    public static OptionalLong microsOfNumber(long number) {
        double size = Math.abs((double) number);
        return OptionalLong.of(
                size < SECONDS_MAX
                        ? number * 1_000_000
                        : size < MILLIS_MAX ? number * 1_000 : number);
    }

    private static OptionalLong microsOfNumberText(String text) {
        try {
            BigDecimal number = new BigDecimal(text.trim());
            double size = Math.abs(number.doubleValue());
            int shift = size < SECONDS_MAX ? 6 : size < MILLIS_MAX ? 3 : 0;
            return OptionalLong.of(
                    number.movePointRight(shift)
                            .setScale(0, RoundingMode.HALF_UP)
                            .longValueExact());
        } catch (ArithmeticException | NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    /**
     * The form that nearly all producers write, {@code 2026-11-23T10:15:30.123Z}, without the
     * formatter, which takes a microsecond.
     */
    private static long fastMicros(String text) {
        int length = text.length();
        boolean zulu = length > 0 && text.charAt(length - 1) == 'Z';
        int end = zulu ? length - 1 : length;
        if (end < 19
                || text.charAt(4) != '-'
                || text.charAt(7) != '-'
                || (text.charAt(10) != 'T' && text.charAt(10) != ' ')
                || text.charAt(13) != ':'
                || text.charAt(16) != ':') {
            return Long.MIN_VALUE;
        }
        int year = digits(text, 0, 4);
        int month = digits(text, 5, 7);
        int day = digits(text, 8, 10);
        int hour = digits(text, 11, 13);
        int minute = digits(text, 14, 16);
        int second = digits(text, 17, 19);
        int micros = fraction(text, end);
        if ((year | month | day | hour | minute | second | micros) < 0
                || month < 1
                || month > 12
                || day < 1
                || day > 28 && day > LocalDate.of(year, month, 1).lengthOfMonth()
                || hour > 23
                || minute > 59
                || second > 59) {
            return Long.MIN_VALUE;
        }
        long seconds =
                LocalDate.of(year, month, day).toEpochDay() * 86_400
                        + hour * 3_600L
                        + minute * 60L
                        + second;
        return seconds * 1_000_000 + micros;
    }

    /** Microseconds; -1 if there is something else than a fraction of 1 to 6 digits. */
    private static int fraction(String text, int end) {
        if (end == 19) {
            return 0;
        }
        int count = end - 20;
        if (text.charAt(19) != '.' || count < 1 || count > 6) {
            return -1;
        }
        int value = digits(text, 20, end);
        for (int i = count; i < 6 && value >= 0; i++) {
            value *= 10;
        }
        return value;
    }

    private static int digits(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
