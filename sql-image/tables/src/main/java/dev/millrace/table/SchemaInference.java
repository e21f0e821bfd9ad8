/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Guesses what the records of a stream are, as Kinesis's DiscoverInputSchema does: JSON objects,
 * whose nested fields become columns with paths, or lines of CSV; else text.
 */
public final class SchemaInference {

    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final CsvMapper CSV =
            CsvMapper.csvBuilder().enable(CsvParser.Feature.WRAP_AS_ARRAY).build();
    private static final char[] DELIMITERS = {',', '\t', ';', '|'};
    private static final int DEPTH_MAX = 4;
    private static final int COLUMNS_MAX = 200;

    /** Numbers from here to there may be times: the years 2000 to 2100. */
    private static final long FIRST_MICROS =
            Instant.parse("2000-01-01T00:00:00Z").toEpochMilli() * 1_000;

    private static final long LAST_MICROS =
            Instant.parse("2100-01-01T00:00:00Z").toEpochMilli() * 1_000;

    private SchemaInference() {}

    /**
     * @param records at least one
     * @param declared what is known of the format; nothing if empty
     */
    public static SchemaProposal of(List<byte[]> records, Optional<DataFormat> declared) {
        Optional<DataFormat.Type> type = declared.map(DataFormat::type);
        List<JsonNode> objects = new ArrayList<>();
        for (byte[] record : records) {
            object(record).ifPresent(objects::add);
        }
        if (type.isPresent()
                ? type.get() == DataFormat.Type.JSON
                : objects.size() * 2 > records.size()) {
            return ofObjects(objects, records.size());
        }
        List<String> lines = records.stream().map(SchemaInference::line).toList();
        Optional<Character> delimiter =
                type.isPresent() ? declared.map(DataFormat::delimiter) : delimiter(lines);
        if (delimiter.isPresent()) {
            return ofLines(lines, delimiter.get());
        }
        return new SchemaProposal(
                new DataFormat(DataFormat.Type.RAW, ','),
                List.of(column("line", Kind.TEXT, JsonPath.ofField("line"))),
                Optional.empty(),
                records.size(),
                0);
    }

    // --- JSON

    private static Optional<JsonNode> object(byte[] record) {
        try {
            return Optional.ofNullable(JSON.readTree(record)).filter(JsonNode::isObject);
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static SchemaProposal ofObjects(List<JsonNode> objects, int records) {
        Map<List<String>, Values> fields = new LinkedHashMap<>();
        for (JsonNode object : objects) {
            addFields(object, List.of(), fields);
        }
        List<Column> columns = new ArrayList<>();
        List<Values> values = new ArrayList<>();
        Set<String> names = new HashSet<>();
        fields.forEach((path, found) -> {
            if (columns.size() < COLUMNS_MAX) {
                columns.add(
                        column(
                                unique(String.join("_", path), names),
                                found.kind(),
                                new JsonPath(path)));
                values.add(found);
            }
        });
        return withRowtime(DataFormat.JSON, columns, values, records, records - objects.size());
    }

    private static void addFields(
            JsonNode object, List<String> path, Map<List<String>, Values> fields) {
        object.properties()
                .forEach(field -> {
                    List<String> at = new ArrayList<>(path);
                    at.add(field.getKey());
                    JsonNode value = field.getValue();
                    if (value.isObject() && !value.isEmpty() && at.size() < DEPTH_MAX) {
                        addFields(value, at, fields);
                    } else {
                        fields.computeIfAbsent(List.copyOf(at), _ -> new Values()).add(value);
                    }
                });
    }

    // --- CSV

    private static String line(byte[] record) {
        return new String(record, StandardCharsets.UTF_8).strip();
    }

    /** What divides every line into the same number of fields, the most of them. */
    private static Optional<Character> delimiter(List<String> lines) {
        Optional<Character> best = Optional.empty();
        int most = 1;
        for (char delimiter : DELIMITERS) {
            Set<Integer> counts = new HashSet<>();
            for (String line : lines) {
                counts.add(fields(line, delimiter).map(List::size).orElse(-1));
            }
            int count = counts.size() == 1 ? counts.iterator().next() : -1;
            if (count > most) {
                most = count;
                best = Optional.of(delimiter);
            }
        }
        return best;
    }

    private static Optional<List<String>> fields(String line, char delimiter) {
        try (var rows =
                CSV.readerFor(String[].class)
                        .with(CsvSchema.emptySchema().withColumnSeparator(delimiter))
                        .<String[]>readValues(line)) {
            List<String[]> all = rows.readAll();
            return all.size() == 1 ? Optional.of(List.of(all.getFirst())) : Optional.empty();
        } catch (IOException | RuntimeException _) {
            return Optional.empty();
        }
    }

    private static SchemaProposal ofLines(List<String> lines, char delimiter) {
        List<Values> values = new ArrayList<>();
        int others = 0;
        for (String line : lines) {
            List<String> fields = fields(line, delimiter).orElse(List.of());
            others += fields.isEmpty() ? 1 : 0;
            for (int i = 0; i < fields.size() && i < COLUMNS_MAX; i++) {
                if (i == values.size()) {
                    values.add(new Values());
                }
                values.get(i).add(fields.get(i));
            }
        }
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String name = "col_" + (i + 1);
            columns.add(column(name, values.get(i).kind(), JsonPath.ofField(name)));
        }
        return withRowtime(
                new DataFormat(DataFormat.Type.CSV, delimiter),
                columns,
                values,
                lines.size(),
                others);
    }

    // --- columns

    private static Column column(String name, Kind kind, JsonPath path) {
        return new Column(name, kind.type, path);
    }

    /** As SQL has names without quotes, and each once. */
    private static String unique(String name, Set<String> names) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        plain = plain.isEmpty() || Character.isDigit(plain.charAt(0)) ? "_" + plain : plain;
        if (HiddenColumn.named(plain).isPresent()) {
            plain = "own" + plain;
        }
        String unique = plain;
        for (int i = 2; !names.add(unique); i++) {
            unique = plain + "_" + i;
        }
        return unique;
    }

    /** The first column whose values are times; else the first that is called so and may be one. */
    private static SchemaProposal withRowtime(
            DataFormat format, List<Column> columns, List<Values> values, int records, int others) {
        int found = -1;
        for (int i = columns.size() - 1; i >= 0; i--) {
            if (columns.get(i).type().equals(Kind.TIME.type)) {
                found = i;
            }
        }
        for (int i = 0; i < columns.size() && found < 0; i++) {
            if (values.get(i).mayBeTimes() && isCalledTime(columns.get(i).name())) {
                found = i;
            }
        }
        List<Column> all = new ArrayList<>(columns);
        if (found >= 0) {
            Column column = all.get(found);
            all.set(found, column(column.name(), Kind.TIME, column.path()));
        }
        return new SchemaProposal(
                format,
                all,
                found < 0 ? Optional.empty() : Optional.of(all.get(found).name()),
                records,
                others);
    }

    private static boolean isCalledTime(String name) {
        return name.contains("time")
                || name.contains("date")
                || name.equals("at")
                || name.equals("ts")
                || name.endsWith("_at")
                || name.endsWith("_ts");
    }

    private enum Kind {
        NONE("varchar"),
        TRUTH("boolean"),
        WHOLE("bigint"),
        NUMBER("double"),
        TIME("timestamp(3)"),
        TEXT("varchar"),
        JSON("json");

        private final String type;

        Kind(String type) {
            this.type = type;
        }

        Kind and(Kind other) {
            if (this == NONE || this == other) {
                return other;
            }
            if (other == NONE) {
                return this;
            }
            Set<Kind> both = Set.of(this, other);
            return both.equals(Set.of(WHOLE, NUMBER)) ? NUMBER : both.contains(JSON) ? JSON : TEXT;
        }
    }

    /** What the values of one field have in common. */
    private static final class Values {
        private Kind kind = Kind.NONE;
        private boolean times = true;

        Kind kind() {
            return kind;
        }

        boolean mayBeTimes() {
            return times && kind == Kind.WHOLE;
        }

        void add(JsonNode value) {
            if (value.isTextual()) {
                boolean time =
                        value.textValue().contains("-")
                                && EventTime.microsOfText(value.textValue()).isPresent();
                kind = kind.and(time ? Kind.TIME : Kind.TEXT);
            } else if (value.isContainerNode()) {
                kind = kind.and(Kind.JSON);
            } else if (value.isBoolean()) {
                kind = kind.and(Kind.TRUTH);
            } else if (value.isNumber()) {
                number(value.decimalValue());
            }
        }

        void add(String field) {
            String text = field.strip();
            if (text.isEmpty()) {
                return;
            }
            if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
                kind = kind.and(Kind.TRUTH);
                return;
            }
            try {
                number(new BigDecimal(text));
            } catch (NumberFormatException _) {
                kind = kind.and(EventTime.microsOfText(text).isPresent() ? Kind.TIME : Kind.TEXT);
            }
        }

        private void number(BigDecimal number) {
            boolean whole =
                    number.stripTrailingZeros().scale() <= 0
                            && number.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
            kind = kind.and(whole && number.scale() <= 0 ? Kind.WHOLE : Kind.NUMBER);
            OptionalLong micros = EventTime.microsOfNumber(number.doubleValue());
            times &=
                    micros.isPresent()
                            && micros.getAsLong() >= FIRST_MICROS
                            && micros.getAsLong() <= LAST_MICROS;
        }
    }
}
