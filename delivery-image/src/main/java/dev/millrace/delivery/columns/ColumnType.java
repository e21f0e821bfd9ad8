/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.columns;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A type of a column, in Hive's words. Immutable. */
public sealed interface ColumnType {

    /** A type that has no others inside. */
    enum Scalar implements ColumnType {
        STRING,
        INT,
        BIGINT,
        FLOAT,
        DOUBLE,
        BOOLEAN,
        /** Days since 1970. */
        DATE,
        /** Microseconds since 1970 in UTC. */
        TIMESTAMP,
        BINARY
    }

    /** A number of so many digits, some of them behind the point. */
    record Decimal(int precision, int scale) implements ColumnType {
        public Decimal {
            if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
                throw new IllegalArgumentException(
                        "decimal(%d,%d): 1 to 38 digits, no more of them behind the point"
                                .formatted(precision, scale));
            }
        }
    }

    record ListOf(ColumnType element) implements ColumnType {}

    /** Keys are strings, as in JSON. */
    record MapOf(ColumnType value) implements ColumnType {}

    record Struct(List<Column> fields) implements ColumnType {
        public Struct {
            fields = List.copyOf(fields);
            if (fields.isEmpty()) {
                throw new IllegalArgumentException("a struct has fields");
            }
        }
    }

    /** A named value. */
    record Column(String name, ColumnType type) {}

    /**
     * Reads a type such as {@code array<struct<id:bigint,price:decimal(10,2)>>}.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    static ColumnType parse(String text) {
        Parser parser = new Parser(text);
        ColumnType type = parser.type();
        parser.expectEnd();
        return type;
    }

    /** Goes through the text once, from the left. */
    final class Parser {
        private final String text;
        private int at;

        private Parser(String text) {
            this.text = text;
        }

        private ColumnType type() {
            String word = word().toLowerCase(Locale.ROOT);
            return switch (word) {
                case "string" -> Scalar.STRING;
                case "char", "varchar" -> {
                    numbers(1);
                    yield Scalar.STRING;
                }
                case "tinyint", "smallint", "int", "integer" -> Scalar.INT;
                case "bigint" -> Scalar.BIGINT;
                case "float" -> Scalar.FLOAT;
                case "double" -> Scalar.DOUBLE;
                case "boolean" -> Scalar.BOOLEAN;
                case "date" -> Scalar.DATE;
                case "timestamp" -> Scalar.TIMESTAMP;
                case "binary" -> Scalar.BINARY;
                case "decimal" -> decimal();
                case "array" -> {
                    expect('<');
                    ColumnType element = type();
                    expect('>');
                    yield new ListOf(element);
                }
                case "map" -> {
                    expect('<');
                    if (type() != Scalar.STRING) {
                        throw wrong("the keys of a map are strings");
                    }
                    expect(',');
                    ColumnType value = type();
                    expect('>');
                    yield new MapOf(value);
                }
                case "struct" -> struct();
                default -> throw wrong("'" + word + "' is no type");
            };
        }

        private ColumnType decimal() {
            if (!is('(')) {
                return new Decimal(10, 0);
            }
            List<Integer> numbers = numbers(2);
            return new Decimal(numbers.get(0), numbers.size() > 1 ? numbers.get(1) : 0);
        }

        private ColumnType struct() {
            List<Column> fields = new ArrayList<>();
            expect('<');
            do {
                String name = word();
                expect(':');
                fields.add(new Column(name, type()));
            } while (skip(','));
            expect('>');
            return new Struct(fields);
        }

        private List<Integer> numbers(int most) {
            List<Integer> numbers = new ArrayList<>();
            if (!skip('(')) {
                return numbers;
            }
            do {
                String number = word();
                if (!number.matches("\\d{1,5}") || numbers.size() == most) {
                    throw wrong("'" + number + "' is not expected");
                }
                numbers.add(Integer.valueOf(number));
            } while (skip(','));
            expect(')');
            return numbers;
        }

        private String word() {
            blanks();
            int start = at;
            while (at < text.length() && "<>:,() ".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            if (at == start) {
                throw wrong("a word is missing");
            }
            return text.substring(start, at);
        }

        private boolean is(char expected) {
            blanks();
            return at < text.length() && text.charAt(at) == expected;
        }

        private boolean skip(char expected) {
            boolean there = is(expected);
            at += there ? 1 : 0;
            return there;
        }

        private void expect(char expected) {
            if (!skip(expected)) {
                throw wrong("'" + expected + "' is missing");
            }
        }

        private void expectEnd() {
            blanks();
            if (at < text.length()) {
                throw wrong("nothing more is expected");
            }
        }

        private void blanks() {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
        }

        private IllegalArgumentException wrong(String why) {
            return new IllegalArgumentException(
                    "'%s' at character %d: %s".formatted(text, at + 1, why));
        }
    }
}
