/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON objects as lines of CSV, as PostgreSQL's COPY reads them. Immutable. */
final class CsvRows {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> columns;

    CsvRows(List<String> columns) {
        this.columns = List.copyOf(columns);
    }

    /**
     * A line with its end: a field of a column's name, in any case, is its value; without one it is
     * null.
     *
     * @throws IOException if the record is no JSON object
     */
    String line(byte[] record) throws IOException {
        JsonNode object = JSON.readTree(record);
        if (object == null || !object.isObject()) {
            throw new IOException("a JSON object is expected");
        }
        Map<String, JsonNode> lowered = new HashMap<>();
        object.properties()
                .forEach(field ->
                        lowered.put(field.getKey().toLowerCase(Locale.ROOT), field.getValue()));
        StringBuilder line = new StringBuilder();
        for (String column : columns) {
            if (!line.isEmpty()) {
                line.append(',');
            }
            JsonNode exact = object.get(column);
            value(line, exact == null ? lowered.get(column.toLowerCase(Locale.ROOT)) : exact);
            if (columns.size() == 1 && line.isEmpty()) {
                // An empty line would be no row where there is one column.
                line.append("\\N");
            }
        }
        return line.append('\n').toString();
    }

    /** What null is in these lines. */
    String nullText() {
        return columns.size() == 1 ? "\\N" : "";
    }

    private static void value(StringBuilder line, @Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return;
        }
        String text = value.isValueNode() ? value.asText() : value.toString();
        line.append('"').append(text.replace("\"", "\"\"")).append('"');
    }
}
