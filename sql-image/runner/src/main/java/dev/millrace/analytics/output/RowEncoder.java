/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of a query's rows: a JSON object each, with the columns as fields in their order,
 * or a line of CSV. Points in time are ISO 8601, UTC; bytes are base64; what is no number in JSON
 * (NaN, infinities) is null.
 */
public final class RowEncoder {

    /** What a record looks like. */
    public enum Format {
        JSON,
        CSV
    }

    private static final JsonFactory JSON = new JsonFactory();

    /** Columns that carry our own bookkeeping through a query. */
    private static final String INTERNAL = "$";

    private final ResultSet rows;
    private final Format format;
    private final List<Column> columns = new ArrayList<>();
    private final int partitionKey;

    private record Column(int index, String name, int type, String typeName) {}

    /**
     * @param names the columns' names in the output; as the query calls them if none
     * @param partitionKeyColumn the column whose value is the partition key
     * @throws SQLException if the query's result cannot be read, or lacks a column
     */
    public RowEncoder(
            ResultSet rows, Format format, List<String> names, Optional<String> partitionKeyColumn)
            throws SQLException {
        this.rows = rows;
        this.format = format;
        ResultSetMetaData metaData = rows.getMetaData();
        for (int i = 1; i <= metaData.getColumnCount(); i++) {
            String name = metaData.getColumnLabel(i);
            if (!isInternal(name)) {
                int place = columns.size();
                columns.add(
                        new Column(
                                i,
                                place < names.size() ? names.get(place) : name,
                                metaData.getColumnType(i),
                                metaData.getColumnTypeName(i)));
            }
        }
        if (!names.isEmpty() && names.size() != columns.size()) {
            throw new SQLException(
                    "The INSERT names "
                            + names.size()
                            + " columns and its query gives "
                            + columns.size());
        }
        this.partitionKey = partitionKeyColumn.map(this::indexOf).orElse(0);
        if (partitionKeyColumn.isPresent() && partitionKey == 0) {
            throw new SQLException(
                    "The output's partitionKeyColumn "
                            + partitionKeyColumn.get()
                            + " is no column of the query; it gives "
                            + columns.stream().map(Column::name).toList());
        }
    }

    /** Whether a column of a query only carries our own bookkeeping. */
    static boolean isInternal(String label) {
        return label.startsWith(INTERNAL);
    }

    private int indexOf(String name) {
        return columns.stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .map(Column::index)
                .findFirst()
                .orElse(0);
    }

    /** The present row's partition key, if a column says it. */
    public Optional<String> partitionKey() throws SQLException {
        if (partitionKey == 0) {
            return Optional.empty();
        }
        String value = rows.getString(partitionKey);
        return Optional.of(value == null || value.isEmpty() ? "null" : value);
    }

    /** The present row. */
    public byte[] encode() throws SQLException {
        return switch (format) {
            case JSON -> json();
            case CSV -> csv();
        };
    }

    private byte[] json() throws SQLException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator generator = JSON.createGenerator(bytes)) {
            generator.writeStartObject();
            for (Column column : columns) {
                generator.writeFieldName(column.name());
                write(generator, column);
            }
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void write(JsonGenerator generator, Column column) throws SQLException, IOException {
        if (column.typeName().equals("json")) {
            String text = rows.getString(column.index());
            if (text == null) {
                generator.writeNull();
            } else {
                generator.writeRawValue(text);
            }
            return;
        }
        if (isTime(column)) {
            generator.writeString(time(rows.getString(column.index())));
            return;
        }
        write(generator, rows.getObject(column.index()));
    }

    private static boolean isTime(Column column) {
        return column.type() == Types.TIMESTAMP || column.type() == Types.TIMESTAMP_WITH_TIMEZONE;
    }

    /** As ISO 8601 has it, so that a stream of these can be read with a rowtime. */
    private static @Nullable String time(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String iso = text.replaceFirst(" ", "T");
        return iso.endsWith(" UTC")
                ? iso.substring(0, iso.length() - " UTC".length()) + "Z"
                : iso.contains(" ") ? iso : iso + "Z";
    }

    private static void write(JsonGenerator generator, @Nullable Object value)
            throws IOException, SQLException {
        switch (value) {
            case null -> generator.writeNull();
            case Boolean truth -> generator.writeBoolean(truth);
            case Double real when !Double.isFinite(real) -> generator.writeNull();
            case Float real when !Float.isFinite(real) -> generator.writeNull();
            case Double real -> generator.writeNumber(real);
            case Float real -> generator.writeNumber(real);
            case BigDecimal decimal -> generator.writeNumber(decimal);
            case Number whole -> generator.writeNumber(whole.longValue());
            case byte[] bytes -> generator.writeString(Base64.getEncoder().encodeToString(bytes));
            case Array array -> write(generator, array.getArray());
            case Object[] elements -> {
                generator.writeStartArray();
                for (Object element : elements) {
                    write(generator, element);
                }
                generator.writeEndArray();
            }
            case List<?> elements -> {
                generator.writeStartArray();
                for (Object element : elements) {
                    write(generator, element);
                }
                generator.writeEndArray();
            }
            case Map<?, ?> map -> {
                generator.writeStartObject();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    generator.writeFieldName(String.valueOf(entry.getKey()));
                    write(generator, entry.getValue());
                }
                generator.writeEndObject();
            }
            case io.trino.jdbc.Row row -> {
                generator.writeStartObject();
                for (io.trino.jdbc.RowField field : row.getFields()) {
                    generator.writeFieldName(field.getName().orElse("field" + field.getOrdinal()));
                    write(generator, field.getValue());
                }
                generator.writeEndObject();
            }
            default -> generator.writeString(value.toString());
        }
    }

    private byte[] csv() throws SQLException {
        StringBuilder line = new StringBuilder();
        for (Column column : columns) {
            if (!line.isEmpty() || column != columns.getFirst()) {
                line.append(',');
            }
            String text = rows.getString(column.index());
            if (text != null) {
                line.append(quoted(isTime(column) ? String.valueOf(time(text)) : text));
            }
        }
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(String text) {
        return text.isEmpty() || text.chars().anyMatch(c -> c == ',' || c == '"' || c < ' ')
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }
}
