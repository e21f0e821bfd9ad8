/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.columns;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.columns.ColumnType.Column;
import dev.millrace.delivery.columns.ColumnType.Scalar;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON objects as rows, as Firehose does with the OpenX SerDe: fields that are no columns are
 * passed over, columns without a field are null. Immutable.
 *
 * <p>A value is a String, Integer (also of a date), Long (also of a timestamp), Float, Double,
 * Boolean, BigDecimal, byte[], List, Map, or for a struct an Object[]; or null.
 */
public final class RowReader {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory FACTORY = JSON.getFactory();
    private static final String MALFORMED = "DataFormatConversion.MalformedData";
    private static final String PARSE_ERROR = "DataFormatConversion.ParseError";

    /**
     * How keys become columns.
     *
     * @param caseSensitive whether keys are matched in their own case
     * @param dotsToUnderscores whether dots in keys become underscores
     * @param keysOfColumns from columns to the keys that they are read from, where they differ
     */
    public record Keys(
            boolean caseSensitive, boolean dotsToUnderscores, Map<String, String> keysOfColumns) {
        /** Keys in any case. */
        public static final Keys PLAIN = new Keys(false, false, Map.of());

        public Keys {
            keysOfColumns = Map.copyOf(keysOfColumns);
        }

        private String normalized(String key) {
            String dotted = dotsToUnderscores ? key.replace('.', '_') : key;
            return caseSensitive ? dotted : dotted.toLowerCase(Locale.ROOT);
        }
    }

    private interface ValueReader {
        /** The value at the current token, which is not null. */
        Object read(JsonParser parser, JsonToken token) throws IOException;
    }

    private final StructReader root;

    public RowReader(List<Column> columns, Keys keys, Timestamps timestamps) {
        this.root = new StructReader(columns, keys, timestamps);
    }

    /**
     * The rows of a record: one for each JSON object in it.
     *
     * @throws RowException if it is none
     */
    public List<@Nullable Object[]> rows(byte[] data) throws RowException {
        List<@Nullable Object[]> rows = new ArrayList<>(1);
        try (JsonParser parser = FACTORY.createParser(data)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token != JsonToken.START_OBJECT) {
                    throw new RowException(PARSE_ERROR, "JSON objects are expected, not " + token);
                }
                rows.add(root.read(parser, token));
            }
        } catch (RowException e) {
            throw e;
        } catch (JsonProcessingException e) {
            throw new RowException(PARSE_ERROR, "no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new RowException(PARSE_ERROR, "no JSON: " + e.getMessage());
        }
        if (rows.isEmpty()) {
            throw new RowException(PARSE_ERROR, "the record is empty");
        }
        return rows;
    }

    private static final class StructReader implements ValueReader {
        private final Map<String, Integer> places = new HashMap<>();
        private final List<ValueReader> readers = new ArrayList<>();
        private final List<Column> columns;
        private final Keys keys;

        StructReader(List<Column> columns, Keys keys, Timestamps timestamps) {
            this.columns = List.copyOf(columns);
            this.keys = keys;
            for (Column column : columns) {
                String key = keys.keysOfColumns().getOrDefault(column.name(), column.name());
                if (places.put(keys.normalized(key), readers.size()) != null) {
                    throw new IllegalArgumentException(
                            "Column '%s' is there twice".formatted(column.name()));
                }
                readers.add(reader(column.type(), keys, timestamps));
            }
        }

        @Override
        public @Nullable Object[] read(JsonParser parser, JsonToken token) throws IOException {
            if (token != JsonToken.START_OBJECT) {
                throw malformed("an object is expected, not " + token);
            }
            @Nullable Object[] row = new Object[readers.size()];
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                Integer place = places.get(name);
                if (place == null) {
                    place = places.get(keys.normalized(name));
                }
                JsonToken value = parser.nextToken();
                if (place == null) {
                    parser.skipChildren();
                } else if (value == JsonToken.VALUE_NULL) {
                    row[place] = null;
                } else {
                    row[place] = value(parser, value, place);
                }
            }
            return row;
        }

        private Object value(JsonParser parser, JsonToken token, int place) throws IOException {
            try {
                return readers.get(place).read(parser, token);
            } catch (RowException e) {
                throw malformed(columns.get(place).name() + ": " + e.getMessage());
            } catch (ArithmeticException | IllegalArgumentException | DateTimeException e) {
                throw malformed(columns.get(place).name() + ": " + e.getMessage());
            }
        }
    }

    private static ValueReader reader(ColumnType type, Keys keys, Timestamps timestamps) {
        return switch (type) {
            case Scalar scalar -> scalar(scalar, timestamps);
            case ColumnType.Decimal(int precision, int scale) ->
                    (parser, token) -> {
                        BigDecimal number = number(parser, token);
                        BigDecimal scaled = number.setScale(scale, RoundingMode.HALF_UP);
                        if (scaled.precision() > precision) {
                            throw malformed(number + " does not fit");
                        }
                        return scaled;
                    };
            case ColumnType.ListOf(ColumnType element) -> {
                ValueReader reader = reader(element, keys, timestamps);
                yield (parser, token) -> list(parser, token, reader);
            }
            case ColumnType.MapOf(ColumnType value) -> {
                ValueReader reader = reader(value, keys, timestamps);
                yield (parser, token) -> map(parser, token, reader);
            }
            case ColumnType.Struct(List<Column> fields) ->
                    new StructReader(
                            fields,
                            new Keys(keys.caseSensitive(), keys.dotsToUnderscores(), Map.of()),
                            timestamps);
        };
    }

    private static ValueReader scalar(Scalar scalar, Timestamps timestamps) {
        return switch (scalar) {
            case STRING -> RowReader::text;
            case INT -> (parser, token) -> number(parser, token).intValueExact();
            case BIGINT ->
                    (parser, token) ->
                            token == JsonToken.VALUE_NUMBER_INT
                                    ? (Object) parser.getLongValue()
                                    : (Object) number(parser, token).longValueExact();
            case FLOAT -> (parser, token) -> number(parser, token).floatValue();
            case DOUBLE ->
                    (parser, token) ->
                            token.isNumeric()
                                    ? (Object) parser.getDoubleValue()
                                    : (Object) number(parser, token).doubleValue();
            case BOOLEAN -> RowReader::flag;
            case DATE ->
                    (parser, token) -> (int) LocalDate.parse(string(parser, token)).toEpochDay();
            case TIMESTAMP ->
                    (parser, token) ->
                            token.isNumeric()
                                    ? timestamps.micros(number(parser, token))
                                    : timestamps.micros(string(parser, token));
            case BINARY ->
                    (parser, token) -> {
                        string(parser, token);
                        return parser.getBinaryValue();
                    };
        };
    }

    /** As it stands for anything that is no text. */
    private static Object text(JsonParser parser, JsonToken token) throws IOException {
        return token.isScalarValue()
                ? parser.getText()
                : JSON.writeValueAsString(JSON.readTree(parser));
    }

    private static Object flag(JsonParser parser, JsonToken token) throws IOException {
        if (token.isBoolean()) {
            return parser.getBooleanValue();
        }
        return switch (string(parser, token).toLowerCase(Locale.ROOT)) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> throw malformed("'" + parser.getText() + "' is no boolean");
        };
    }

    private static Object list(JsonParser parser, JsonToken token, ValueReader reader)
            throws IOException {
        if (token != JsonToken.START_ARRAY) {
            throw malformed("an array is expected, not " + token);
        }
        List<@Nullable Object> list = new ArrayList<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
            list.add(t == JsonToken.VALUE_NULL ? null : reader.read(parser, t));
        }
        return list;
    }

    private static Object map(JsonParser parser, JsonToken token, ValueReader reader)
            throws IOException {
        if (token != JsonToken.START_OBJECT) {
            throw malformed("an object is expected, not " + token);
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = parser.nextToken();
            map.put(key, value == JsonToken.VALUE_NULL ? null : reader.read(parser, value));
        }
        return map;
    }

    /** A number, or a text that is one. */
    private static BigDecimal number(JsonParser parser, JsonToken token) throws IOException {
        if (token.isNumeric()) {
            return parser.getDecimalValue();
        }
        String text = string(parser, token).strip();
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException _) {
            throw malformed("'" + shortened(text) + "' is no number");
        }
    }

    private static String string(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.VALUE_STRING) {
            throw malformed("not expected: " + token);
        }
        return parser.getText();
    }

    private static String shortened(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length > 100 ? text.substring(0, Math.min(50, text.length())) + "..." : text;
    }

    private static RowException malformed(String message) {
        return new RowException(MALFORMED, message);
    }
}
