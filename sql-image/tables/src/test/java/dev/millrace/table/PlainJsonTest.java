/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.shard.StreamName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read without Jackson is what Jackson reads, also of records that are broken. */
class PlainJsonTest {

    private static final int RECORDS = 60_000;

    private static final List<Column> COLUMNS =
            List.of(
                    column("a", "$.a"),
                    column("b", "$.b"),
                    column("inner", "$.b.c"),
                    column("deep", "$.b.c.d"),
                    column("again", "$.a"),
                    column("umlaut", "$['\u00fc']"));

    private static final List<Column> WITH_WHOLE =
            List.of(column("whole", "$"), column("a", "$.a"));

    private static final List<String> NAMES =
            List.of("a", "b", "c", "d", "ab", "\u00fc", "", "x\\n");
    private static final List<String> SCALARS =
            List.of(
                    "0",
                    "-0",
                    "-0.0",
                    "1",
                    "-17",
                    "123456789012345678",
                    "1234567890123456789",
                    "99999999999999999999",
                    "0.1",
                    "12.50",
                    "3.141592653589793238",
                    "999999999999999.5",
                    "1e3",
                    "-2.5E-7",
                    "true",
                    "false",
                    "null",
                    "\"\"",
                    "\"text\"",
                    "\"2026-11-23T10:00:00.5Z\"",
                    "\"12.5\"",
                    "\"a text that is longer than eight bytes\"",
                    "\"Z\u00fcrich\"",
                    "\"a\\\"b\"",
                    "\"tab\\t\"",
                    "\"\u007f\"");

    @Test
    void readsWhatJacksonReads() {
        Random random = new Random(3);
        int plain = 0;
        for (int i = 0; i < RECORDS; i++) {
            StringBuilder text = new StringBuilder();
            object(random, text, 0);
            byte[] record = text.toString().getBytes(StandardCharsets.UTF_8);
            if (random.nextBoolean() && record.length > 0) {
                damage(random, record);
            }
            for (List<Column> columns : List.of(COLUMNS, WITH_WHOLE)) {
                assertThat(read(columns, record, true))
                        .as(new String(record, StandardCharsets.UTF_8))
                        .isEqualTo(read(columns, record, false));
            }
            plain += new PlainJson(new PlainJson.Node(new int[0]), 0).scan(record) ? 1 : 0;
        }
        assertThat(plain).isBetween(RECORDS / 20, RECORDS / 2);
    }

    @ParameterizedTest
    @CsvSource({
        "12.50, 2, 1250",
        "7, 3, 7000",
        "-0.5, 1, -5",
        "1.25, 1, ",
        "1234567890123456789, 0, "
    })
    void givesDecimals(String text, int scale, Long unscaled) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        PlainScalar value = new PlainScalar().at(data, 0, data.length, PlainScalar.Kind.FRACTION);
        assertThat(value.unscaled(scale)).isEqualTo(unscaled == null ? Long.MIN_VALUE : unscaled);
    }

    private static Column column(String name, String path) {
        return new Column(name, "varchar", JsonPath.parse(path));
    }

    // --- records

    private static void object(Random random, StringBuilder text, int depth) {
        text.append('{');
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : ",")
                    .append(space(random))
                    .append('"')
                    .append(NAMES.get(random.nextInt(NAMES.size())))
                    .append('"')
                    .append(space(random))
                    .append(':')
                    .append(space(random));
            value(random, text, depth);
            text.append(space(random));
        }
        text.append('}').append(depth == 0 ? space(random) : "");
    }

    private static void value(Random random, StringBuilder text, int depth) {
        int kind = depth > 3 ? 9 : random.nextInt(10);
        if (kind < 2) {
            object(random, text, depth + 1);
        } else if (kind == 2) {
            text.append('[');
            int count = random.nextInt(3);
            for (int i = 0; i < count; i++) {
                text.append(i == 0 ? "" : ",");
                value(random, text, depth + 1);
            }
            text.append(']');
        } else {
            // Mostly the first ones, which are plain.
            text.append(SCALARS.get(random.nextInt(1 + random.nextInt(SCALARS.size()))));
        }
    }

    private static String space(Random random) {
        return List.of("", "", "", "", " ", "\n", "\t ").get(random.nextInt(7));
    }

    private static void damage(Random random, byte[] record) {
        byte[] wrong = "{}[]\",:01-.e tn\\\n\u0001\u0000x".getBytes(StandardCharsets.UTF_8);
        record[random.nextInt(record.length)] =
                random.nextInt(20) == 0 ? (byte) 0xfc : wrong[random.nextInt(wrong.length)];
    }

    // --- readers

    /** All values, as everything that a decoder asks for; or that it is no row. */
    private static String read(List<Column> columns, byte[] record, boolean fast) {
        TableDescription table =
                new TableDescription(
                        "t",
                        new StreamName("s"),
                        DataFormat.JSON,
                        columns,
                        Optional.empty(),
                        TableDescription.OnError.DROP);
        TreeMap<Integer, String> found = new TreeMap<>();
        try {
            new RowParser(table, columns, fast).parse(record, new Values(found));
        } catch (RowFormatException _) {
            return "no row";
        }
        return found.toString();
    }

    private record Values(TreeMap<Integer, String> found) implements RowParser.Sink {
        @Override
        public void scalar(int column, JsonParser at) throws IOException {
            String micros = EventTime.micros(at).toString();
            String number =
                    at.currentToken().isNumeric() ? Double.toString(at.getDoubleValue()) : "";
            boolean isLong =
                    at.currentToken() == JsonToken.VALUE_NUMBER_INT && at.getText().length() <= 18;
            found.put(
                    column,
                    at.getText() + " " + micros + " " + number + (isLong ? at.getLongValue() : ""));
        }

        @Override
        public void plain(int column, PlainScalar value) throws IOException {
            boolean isNumber =
                    value.kind() == PlainScalar.Kind.WHOLE
                            || value.kind() == PlainScalar.Kind.FRACTION;
            String text =
                    value.text()
                            + " "
                            + EventTime.micros(value)
                            + " "
                            + (isNumber ? Double.toString(value.asDouble()) : "")
                            + (value.isLong() ? value.asLong() : "");
            found.put(column, text);
            // Whoever knows no plain values gets the same.
            TreeMap<Integer, String> parsed = new TreeMap<>();
            try (JsonParser parser = value.parser()) {
                new Values(parsed).scalar(column, parser);
            }
            assertThat(parsed).containsEntry(column, text);
        }

        @Override
        public void json(int column, byte[] data, int from, int to) {
            found.put(column, new String(data, from, to - from, StandardCharsets.UTF_8));
        }
    }
}
