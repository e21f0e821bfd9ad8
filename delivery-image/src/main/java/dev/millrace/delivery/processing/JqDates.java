/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.WeekFields;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.Function;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;

/**
 * jq's date functions, in UTC: times are seconds since 1970, or arrays of year, month from 0, day,
 * hours, minutes, seconds, day of the week from Sunday, and day of the year from 0.
 */
final class JqDates {

    private static final String ISO = "%Y-%m-%dT%H:%M:%SZ";
    private static final int FORMATS_MAX = 100;
    private static final Map<String, DateTimeFormatter> FORMATS = new ConcurrentHashMap<>();

    private interface OfInput {
        JsonNode apply(JsonNode in) throws JsonQueryException;
    }

    private interface OfInputAndFormat {
        JsonNode apply(JsonNode in, String format) throws JsonQueryException;
    }

    private JqDates() {}

    static void addTo(Scope scope) {
        add(scope, "strftime", JqDates::strftime);
        add(scope, "strflocaltime", JqDates::strftime);
        add(scope, "strptime", (in, format) -> brokenDown(parsed(in, format)));
        add(scope, "gmtime", in -> brokenDown(time(in)));
        add(scope, "localtime", in -> brokenDown(time(in)));
        add(scope, "mktime", in -> seconds(time(in)));
        add(scope, "todate", in -> strftime(in, ISO));
        add(scope, "todateiso8601", in -> strftime(in, ISO));
        add(scope, "date", in -> strftime(in, ISO));
        add(scope, "fromdate", in -> seconds(parsed(in, ISO)));
        add(scope, "fromdateiso8601", in -> seconds(parsed(in, ISO)));
    }

    private static void add(Scope scope, String name, OfInput function) {
        Function added = (_, _, in, _, output, _) -> output.emit(function.apply(in), null);
        scope.addFunction(name, 0, added);
    }

    private static void add(Scope scope, String name, OfInputAndFormat function) {
        Function added =
                (inner, arguments, in, _, output, _) -> {
                    Expression format = arguments.getFirst();
                    format.apply(
                            inner,
                            in,
                            given -> {
                                if (!given.isTextual()) {
                                    throw new JsonQueryException(
                                            name + "/1 requires a string format");
                                }
                                output.emit(function.apply(in, given.textValue()), null);
                            });
                };
        scope.addFunction(name, 1, added);
    }

    private static JsonNode strftime(JsonNode in, String format) throws JsonQueryException {
        try {
            return TextNode.valueOf(formatter(format).format(time(in)));
        } catch (DateTimeException e) {
            throw new JsonQueryException("strftime/1: " + e.getMessage(), e);
        }
    }

    private static ZonedDateTime parsed(JsonNode in, String format) throws JsonQueryException {
        if (!in.isTextual()) {
            throw new JsonQueryException("strptime/1 requires string inputs and arguments");
        }
        try {
            TemporalAccessor parsed = formatter(format).parse(in.textValue());
            if (parsed.isSupported(ChronoField.INSTANT_SECONDS)) {
                return Instant.from(parsed).atZone(ZoneOffset.UTC);
            }
            return LocalDateTime.of(
                            get(parsed, ChronoField.YEAR, 1900),
                            get(parsed, ChronoField.MONTH_OF_YEAR, 1),
                            get(parsed, ChronoField.DAY_OF_MONTH, 1),
                            get(parsed, ChronoField.HOUR_OF_DAY, 0),
                            get(parsed, ChronoField.MINUTE_OF_HOUR, 0),
                            get(parsed, ChronoField.SECOND_OF_MINUTE, 0))
                    .atZone(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new JsonQueryException(
                    "date \"%s\" does not match format \"%s\"".formatted(in.textValue(), format),
                    e);
        }
    }

    private static int get(TemporalAccessor from, ChronoField field, int otherwise) {
        return from.isSupported(field) ? from.get(field) : otherwise;
    }

    private static ZonedDateTime time(JsonNode in) throws JsonQueryException {
        try {
            if (in.isNumber()) {
                return Instant.ofEpochSecond((long) Math.floor(in.doubleValue()))
                        .atZone(ZoneOffset.UTC);
            }
            if (in.isArray() && in.size() >= 6) {
                return ZonedDateTime.of(in.get(0).intValue(), 1, 1, 0, 0, 0, 0, ZoneOffset.UTC)
                        .plusMonths(in.get(1).intValue())
                        .plusDays(in.get(2).intValue() - 1L)
                        .plusHours(in.get(3).intValue())
                        .plusMinutes(in.get(4).intValue())
                        .plusSeconds(in.get(5).intValue());
            }
        } catch (DateTimeException e) {
            throw new JsonQueryException("not a time: " + in, e);
        }
        throw new JsonQueryException("requires a number or parsed datetime inputs, not " + in);
    }

    private static JsonNode seconds(ZonedDateTime time) {
        return LongNode.valueOf(time.toEpochSecond());
    }

    private static JsonNode brokenDown(ZonedDateTime time) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode(8);
        array.add(time.getYear()).add(time.getMonthValue() - 1).add(time.getDayOfMonth());
        array.add(time.getHour()).add(time.getMinute());
        if (time.getNano() == 0) {
            array.add(time.getSecond());
        } else {
            array.add(DoubleNode.valueOf(time.getSecond() + time.getNano() / 1e9));
        }
        array.add(time.getDayOfWeek().getValue() % 7).add(time.getDayOfYear() - 1);
        return array;
    }

    private static DateTimeFormatter formatter(String format) throws JsonQueryException {
        DateTimeFormatter known = FORMATS.get(format);
        if (known != null) {
            return known;
        }
        DateTimeFormatter made = build(format);
        // A format is text of a query, seldom of a record.
        if (FORMATS.size() < FORMATS_MAX) {
            FORMATS.put(format, made);
        }
        return made;
    }

    private static DateTimeFormatter build(String format) throws JsonQueryException {
        DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder().parseCaseInsensitive();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                builder.appendLiteral(c);
            } else if (++i < format.length()) {
                append(builder, format.charAt(i));
            } else {
                throw new JsonQueryException("a format cannot end with %");
            }
        }
        return builder.toFormatter(Locale.ENGLISH).withZone(ZoneOffset.UTC);
    }

    private static void append(DateTimeFormatterBuilder to, char conversion)
            throws JsonQueryException {
        switch (conversion) {
            case 'Y' -> to.appendValue(ChronoField.YEAR, 4);
            case 'm' -> to.appendValue(ChronoField.MONTH_OF_YEAR, 2);
            case 'd' -> to.appendValue(ChronoField.DAY_OF_MONTH, 2);
            case 'e' -> to.padNext(2).appendValue(ChronoField.DAY_OF_MONTH);
            case 'H' -> to.appendValue(ChronoField.HOUR_OF_DAY, 2);
            case 'I' -> to.appendValue(ChronoField.CLOCK_HOUR_OF_AMPM, 2);
            case 'M' -> to.appendValue(ChronoField.MINUTE_OF_HOUR, 2);
            case 'S' -> to.appendValue(ChronoField.SECOND_OF_MINUTE, 2);
            case 'p' -> to.appendText(ChronoField.AMPM_OF_DAY, TextStyle.SHORT);
            case 'j' -> to.appendValue(ChronoField.DAY_OF_YEAR, 3);
            case 'y' -> to.appendValueReduced(ChronoField.YEAR, 2, 2, 1969);
            case 'b', 'h' -> to.appendText(ChronoField.MONTH_OF_YEAR, TextStyle.SHORT);
            case 'B' -> to.appendText(ChronoField.MONTH_OF_YEAR, TextStyle.FULL);
            case 'a' -> to.appendText(ChronoField.DAY_OF_WEEK, TextStyle.SHORT);
            case 'A' -> to.appendText(ChronoField.DAY_OF_WEEK, TextStyle.FULL);
            case 'u' -> to.appendValue(ChronoField.DAY_OF_WEEK);
            case 'V' -> to.appendValue(IsoFields.WEEK_OF_WEEK_BASED_YEAR, 2);
            case 'G' -> to.appendValue(IsoFields.WEEK_BASED_YEAR, 4);
            case 'U' ->
                    to.appendValue(WeekFields.of(java.time.DayOfWeek.SUNDAY, 7).weekOfYear(), 2);
            case 'W' ->
                    to.appendValue(WeekFields.of(java.time.DayOfWeek.MONDAY, 7).weekOfYear(), 2);
            case 's' -> to.appendValue(ChronoField.INSTANT_SECONDS);
            case 'Z' -> to.appendLiteral("UTC");
            case 'z' -> to.appendOffset("+HHMM", "+0000");
            case 'n' -> to.appendLiteral('\n');
            case 't' -> to.appendLiteral('\t');
            case '%' -> to.appendLiteral('%');
            case 'F' -> all(to, "Y-m-d");
            case 'T' -> all(to, "H:M:S");
            case 'R' -> all(to, "H:M");
            case 'D' -> all(to, "m/d/y");
            default -> throw new JsonQueryException("%" + conversion + " is not supported");
        }
    }

    /** Letters are conversions, the rest stands for itself. */
    private static void all(DateTimeFormatterBuilder to, String conversions)
            throws JsonQueryException {
        for (char c : conversions.toCharArray()) {
            if (Character.isLetter(c)) {
                append(to, c);
            } else {
                to.appendLiteral(c);
            }
        }
    }
}
