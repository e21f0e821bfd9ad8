/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.table.EventTime;
import dev.millrace.table.PlainScalar;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.DateTimeEncoding;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;
import io.trino.spi.type.Varchars;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalLong;

/** Decodes the values of one column. What is no value of its type is NULL. */
sealed interface ValueDecoder {

    /** Sets the cell to the value that the parser stands at, or leaves it NULL. */
    void decode(JsonParser at, Cell cell) throws IOException;

    /** As {@link #decode}, of a value that needs no parser. */
    default void plain(PlainScalar value, Cell cell) throws IOException {
        try (JsonParser parser = value.parser()) {
            decode(parser, cell);
        }
    }

    /** Sets the cell to an object or an array, or leaves it NULL. */
    default void json(byte[] data, int from, int to, Cell cell) {}

    /**
     * @throws IllegalArgumentException for a type that columns of streams cannot have
     */
    static ValueDecoder of(Type type) {
        return switch (type) {
            case BooleanType _ -> new Booleans();
            case TinyintType _ -> new Integers(Byte.MIN_VALUE, Byte.MAX_VALUE);
            case SmallintType _ -> new Integers(Short.MIN_VALUE, Short.MAX_VALUE);
            case IntegerType _ -> new Integers(Integer.MIN_VALUE, Integer.MAX_VALUE);
            case BigintType _ -> new Integers(Long.MIN_VALUE, Long.MAX_VALUE);
            case RealType _ -> new Reals();
            case DoubleType _ -> new Doubles();
            case DecimalType decimal -> new Decimals(decimal);
            case VarcharType varchar -> new Texts(varchar);
            case VarbinaryType _ -> new Binaries();
            case DateType _ -> new Dates();
            case TimestampType timestamp -> new Timestamps(unit(timestamp.getPrecision()));
            case TimestampWithTimeZoneType timestamp ->
                    new ZonedTimestamps(unit(timestamp.getPrecision()));
            default -> {
                if (type.getBaseName().equals("json")) {
                    yield new Json();
                }
                throw new IllegalArgumentException("No column of a stream is of type " + type);
            }
        };
    }

    /** Microseconds in the last digit of a timestamp of a precision. */
    private static long unit(int precision) {
        long unit = 1;
        for (int i = precision; i < 6; i++) {
            unit *= 10;
        }
        return unit;
    }

    /** The number at a parser, written as a number or as a text. */
    private static Optional<BigDecimal> number(JsonParser at) throws IOException {
        try {
            return switch (at.currentToken()) {
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Optional.of(at.getDecimalValue());
                case VALUE_STRING -> Optional.of(new BigDecimal(at.getText().trim()));
                default -> Optional.empty();
            };
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }

    /** {@code true}, {@code false}, also as texts. */
    record Booleans() implements ValueDecoder {
        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            switch (at.currentToken()) {
                case VALUE_TRUE -> cell.set(true);
                case VALUE_FALSE -> cell.set(false);
                case VALUE_STRING -> {
                    String text = at.getText().trim();
                    if (text.equalsIgnoreCase("true")) {
                        cell.set(true);
                    } else if (text.equalsIgnoreCase("false")) {
                        cell.set(false);
                    }
                }
                default -> {
                    // No truth.
                }
            }
        }
    }

    /** Whole numbers between two bounds. */
    record Integers(long min, long max) implements ValueDecoder {
        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            if (at.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && at.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
                set(at.getLongValue(), cell);
                return;
            }
            Optional<BigDecimal> number = number(at);
            if (number.isPresent()) {
                try {
                    set(number.get().longValueExact(), cell);
                } catch (ArithmeticException _) {
                    // Too large, or with a fraction.
                }
            }
        }

        @Override
        public void plain(PlainScalar value, Cell cell) throws IOException {
            if (value.isLong()) {
                set(value.asLong(), cell);
            } else {
                ValueDecoder.super.plain(value, cell);
            }
        }

        private void set(long value, Cell cell) {
            if (value >= min && value <= max) {
                cell.set(value);
            }
        }
    }

    /** 64-bit floating point. */
    record Doubles() implements ValueDecoder {
        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            if (at.currentToken().isNumeric()) {
                cell.set(at.getDoubleValue());
            } else {
                number(at).ifPresent(number -> cell.set(number.doubleValue()));
            }
        }

        @Override
        public void plain(PlainScalar value, Cell cell) throws IOException {
            switch (value.kind()) {
                case WHOLE, FRACTION -> cell.set(value.asDouble());
                default -> ValueDecoder.super.plain(value, cell);
            }
        }
    }

    /** 32-bit floating point. */
    record Reals() implements ValueDecoder {
        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            number(at)
                    .ifPresent(number ->
                            cell.set((long) Float.floatToRawIntBits(number.floatValue())));
        }
    }

    /** Exact numbers, rounded half up to the scale of the column. */
    record Decimals(DecimalType type) implements ValueDecoder {
        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            Optional<BigDecimal> number = number(at);
            if (number.isEmpty() || number.get().precision() - number.get().scale() > 60) {
                return;
            }
            BigDecimal scaled = number.get().setScale(type.getScale(), RoundingMode.HALF_UP);
            if (scaled.precision() > type.getPrecision()) {
                return;
            }
            BigInteger unscaled = scaled.unscaledValue();
            if (type.isShort()) {
                cell.set(unscaled.longValueExact());
            } else {
                cell.setObject(Int128.valueOf(unscaled));
            }
        }

        @Override
        public void plain(PlainScalar value, Cell cell) throws IOException {
            boolean isNumber =
                    value.kind() == PlainScalar.Kind.WHOLE
                            || value.kind() == PlainScalar.Kind.FRACTION;
            long unscaled =
                    isNumber && type.isShort() ? value.unscaled(type.getScale()) : Long.MIN_VALUE;
            if (unscaled == Long.MIN_VALUE) {
                ValueDecoder.super.plain(value, cell);
            } else if (Math.abs(unscaled) < Math.pow(10, type.getPrecision())) {
                cell.set(unscaled);
            }
        }
    }

    /** Texts; numbers and truths as they are written. Cut at the column's length. */
    record Texts(VarcharType type) implements ValueDecoder {
        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            if (at.currentToken() != JsonToken.VALUE_NULL) {
                set(Slices.utf8Slice(at.getText()), cell);
            }
        }

        @Override
        public void plain(PlainScalar value, Cell cell) {
            if (value.kind() != PlainScalar.Kind.NULL) {
                set(Slices.wrappedBuffer(value.data(), value.from(), value.length()), cell);
            }
        }

        @Override
        public void json(byte[] data, int from, int to, Cell cell) {
            set(Slices.wrappedBuffer(data, from, to - from).copy(), cell);
        }

        private void set(Slice text, Cell cell) {
            cell.set(
                    type.isUnbounded()
                            ? text
                            : Varchars.truncateToLength(text, type.getBoundedLength()));
        }
    }

    /** Bytes, written as base64. */
    record Binaries() implements ValueDecoder {
        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            if (at.currentToken() == JsonToken.VALUE_STRING) {
                try {
                    cell.set(Slices.wrappedBuffer(Base64.getDecoder().decode(at.getText())));
                } catch (IllegalArgumentException _) {
                    // No base64.
                }
            }
        }
    }

    /** Days. */
    record Dates() implements ValueDecoder {
        private static final long MICROS_PER_DAY = 86_400_000_000L;

        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            OptionalLong micros = EventTime.micros(at);
            if (micros.isPresent()) {
                cell.set(Math.floorDiv(micros.getAsLong(), MICROS_PER_DAY));
            }
        }
    }

    /** Points in time, UTC. */
    record Timestamps(long unit) implements ValueDecoder {
        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            set(EventTime.micros(at), cell);
        }

        @Override
        public void plain(PlainScalar value, Cell cell) {
            set(EventTime.micros(value), cell);
        }

        private void set(OptionalLong micros, Cell cell) {
            if (micros.isPresent()) {
                cell.set(Math.floorDiv(micros.getAsLong(), unit) * unit);
            }
        }
    }

    /** Points in time with a zone, which is UTC. */
    record ZonedTimestamps(long unit) implements ValueDecoder {
        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            OptionalLong micros = EventTime.micros(at);
            if (micros.isPresent()) {
                cell.set(
                        DateTimeEncoding.packDateTimeWithZone(
                                Math.floorDiv(micros.getAsLong(), unit) * unit / 1_000,
                                TimeZoneKey.UTC_KEY));
            }
        }
    }

    /** JSON of any kind. */
    record Json() implements ValueDecoder {
        private static final ObjectMapper CANONICAL =
                JsonMapper.builder()
                        .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                        .build();

        @Override
        public void decode(JsonParser at, Cell cell) throws IOException {
            if (at.currentToken() == JsonToken.VALUE_STRING) {
                char[] quoted = JsonStringEncoder.getInstance().quoteAsString(at.getText());
                cell.set(Slices.utf8Slice('"' + String.valueOf(quoted) + '"'));
            } else if (at.currentToken() != JsonToken.VALUE_NULL) {
                cell.set(Slices.utf8Slice(at.getText()));
            }
        }

        /**
         * Compact and with its fields in order, as Trino's own JSON is, so that equals are equal.
         */
        @Override
        public void json(byte[] data, int from, int to, Cell cell) {
            try {
                Object tree = CANONICAL.readValue(data, from, to - from, Object.class);
                cell.set(Slices.wrappedBuffer(CANONICAL.writeValueAsBytes(tree)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
