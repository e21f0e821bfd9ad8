/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import dev.millrace.delivery.columns.ColumnFile;
import dev.millrace.delivery.columns.ColumnType;
import dev.millrace.delivery.columns.ColumnType.Column;
import dev.millrace.delivery.columns.OrcFile;
import dev.millrace.delivery.columns.ParquetFile;
import dev.millrace.delivery.columns.RowReader;
import dev.millrace.delivery.columns.Timestamps;
import dev.millrace.workload.settings.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code dataFormatConversion}: how JSON becomes rows, and rows a file. */
record Columns(RowReader reader, ColumnFile file) {

    /**
     * @throws IllegalArgumentException naming the field that is wrong
     */
    static Optional<Columns> read(Field conversion) {
        if (!conversion.isPresent()) {
            return Optional.empty();
        }
        List<Column> columns = columns(conversion.get("columns"));
        if (columns.isEmpty()) {
            throw missing(conversion, "columns");
        }
        Map<String, String> keysOfColumns = new HashMap<>();
        conversion
                .get("columnToJsonKeyMappings")
                .node()
                .properties()
                .forEach(key -> keysOfColumns.put(key.getKey(), key.getValue().asText()));
        RowReader.Keys keys =
                new RowReader.Keys(
                        conversion.get("caseSensitive").flag(false),
                        conversion.get("convertDotsInJsonKeysToUnderscores").flag(false),
                        keysOfColumns);
        List<String> formats =
                conversion.get("timestampFormats").items().stream().map(Field::required).toList();
        return Optional.of(
                new Columns(
                        new RowReader(columns, keys, new Timestamps(formats)),
                        file(conversion, columns)));
    }

    /** Columns that are declared; none where there are none. */
    static List<Column> columns(Field declared) {
        List<Column> columns = new ArrayList<>();
        for (Field column : declared.items()) {
            ColumnType type =
                    column.get("type")
                            .map(ColumnType::parse)
                            .orElseThrow(() -> missing(column, "type"));
            columns.add(new Column(column.get("name").required(), type));
        }
        return columns;
    }

    private static ColumnFile file(Field conversion, List<Column> columns) {
        String compression = conversion.get("compression").text().orElse("SNAPPY");
        String format = conversion.get("format").required();
        try {
            return switch (format) {
                case "Parquet" -> new ParquetFile(columns, compression);
                case "ORC" -> new OrcFile(columns, compression);
                default ->
                        throw new IllegalArgumentException(
                                "'%s' is neither Parquet nor ORC".formatted(format));
            };
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(conversion.path() + ": " + e.getMessage(), e);
        }
    }

    private static IllegalArgumentException missing(Field field, String name) {
        return new IllegalArgumentException(field.get(name).path() + ": is missing");
    }
}
