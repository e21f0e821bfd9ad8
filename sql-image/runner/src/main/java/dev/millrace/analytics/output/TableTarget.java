/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.output;

import dev.millrace.analytics.progress.TableWrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How a query's results get into a table: by a MERGE over the key, or by an INSERT whose rows carry
 * the number of their batch, which tells after a kill whether it was done. Both are one statement
 * of Trino, which the connector carries out as a whole or which can be repeated.
 */
public final class TableTarget {

    private final Output.ToTable output;
    private final List<Column> columns;
    private final int width;

    /**
     * A column of the query that goes into the table.
     *
     * @param place among all columns of the query, from 1 on
     */
    private record Column(int place, String name) {}

    private TableTarget(Output.ToTable output, List<Column> columns, int width) {
        this.output = output;
        this.columns = columns;
        this.width = width;
    }

    /**
     * @param labels what the query calls its columns
     * @param names what the INSERT calls them; as the query does if none
     * @throws IllegalArgumentException if the output cannot take them
     */
    public static TableTarget of(Output.ToTable output, List<String> labels, List<String> names) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            if (!RowEncoder.isInternal(labels.get(i))) {
                int place = columns.size();
                String name = place < names.size() ? names.get(place) : labels.get(i);
                columns.add(new Column(i + 1, name.toLowerCase(Locale.ROOT)));
            }
        }
        if (!names.isEmpty() && names.size() != columns.size()) {
            throw new IllegalArgumentException(
                    "The INSERT names %d columns and its query gives %d"
                            .formatted(names.size(), columns.size()));
        }
        List<String> given = columns.stream().map(Column::name).toList();
        List<String> needed = new ArrayList<>(output.keyColumns());
        output.versionColumn().ifPresent(needed::add);
        needed.removeAll(given);
        if (!needed.isEmpty()) {
            throw new IllegalArgumentException(
                    "The output %s needs the column %s for its key or version; the query gives %s"
                            .formatted(output.name(), needed.getFirst(), given));
        }
        return new TableTarget(output, columns, labels.size());
    }

    /**
     * @param query gives the results
     * @param batch names this write among all of all applications
     */
    public TableWrite write(String query, String batch) {
        return output.keyColumns().isEmpty() ? insert(query, batch) : merge(query);
    }

    private TableWrite insert(String query, String batch) {
        String table = table();
        String batchColumn = quoted(output.batchColumn());
        return new TableWrite(
                output.name(),
                output.catalog(),
                "INSERT INTO %s (%s, %s) SELECT %s, %s FROM %s"
                        .formatted(
                                table,
                                list(columns, column -> quoted(column.name())),
                                batchColumn,
                                list(columns, TableTarget::place),
                                literal(batch),
                                relation(query)),
                Optional.of(
                        "SELECT 1 FROM %s WHERE %s = %s LIMIT 1"
                                .formatted(table, batchColumn, literal(batch))));
    }

    /** Of rows of one key only one may come: that with the largest version, or largest values. */
    private TableWrite merge(String query) {
        List<Column> others =
                columns.stream()
                        .filter(column -> !output.keyColumns().contains(column.name()))
                        .toList();
        String keys = output.keyColumns().stream().map(TableTarget::quoted).collect(COMMAS);
        String order =
                output.versionColumn()
                                .map(column -> quoted(column) + " DESC NULLS LAST, ")
                                .orElse("")
                        + list(columns, column -> quoted(column.name()) + " DESC NULLS LAST");
        String source =
                "(SELECT *, row_number() OVER (PARTITION BY %s ORDER BY %s) AS \"$n\" FROM (SELECT %s FROM %s))"
                        .formatted(
                                keys,
                                order,
                                list(
                                        columns,
                                        column -> place(column) + " AS " + quoted(column.name())),
                                relation(query));
        String same =
                output.keyColumns().stream()
                        .map(TableTarget::quoted)
                        .map(column -> "\"$t\"." + column + " = \"$s\"." + column)
                        .collect(Collectors.joining(" AND "));
        String newer =
                output.versionColumn()
                        .map(TableTarget::quoted)
                        .map(column ->
                                " AND (\"$t\".%1$s IS NULL OR \"$s\".%1$s >= \"$t\".%1$s)"
                                        .formatted(column))
                        .orElse("");
        String update =
                others.isEmpty()
                        ? ""
                        : " WHEN MATCHED%s THEN UPDATE SET %s"
                                .formatted(
                                        newer,
                                        list(
                                                others,
                                                column ->
                                                        quoted(column.name())
                                                                + " = \"$s\"."
                                                                + quoted(column.name())));
        return new TableWrite(
                output.name(),
                output.catalog(),
                "MERGE INTO %s AS \"$t\" USING (SELECT * FROM %s WHERE \"$n\" = 1) AS \"$s\" ON %s%s WHEN NOT MATCHED THEN INSERT (%s) VALUES (%s)"
                        .formatted(
                                table(),
                                source,
                                same,
                                update,
                                list(columns, column -> quoted(column.name())),
                                list(columns, column -> "\"$s\"." + quoted(column.name()))),
                Optional.empty());
    }

    private static final java.util.stream.Collector<CharSequence, ?, String> COMMAS =
            Collectors.joining(", ");

    private static String list(
            List<Column> columns, java.util.function.Function<Column, String> text) {
        return columns.stream().map(text).collect(COMMAS);
    }

    private static String place(Column column) {
        return "\"$c" + column.place() + "\"";
    }

    /** The query with names for its columns, which need not have any of their own. */
    private String relation(String query) {
        return "(\n%s\n) AS \"$q\"(%s)"
                .formatted(
                        query,
                        IntStream.rangeClosed(1, width)
                                .mapToObj(place -> "\"$c" + place + "\"")
                                .collect(COMMAS));
    }

    private String table() {
        return quoted(output.catalog())
                + "."
                + quoted(output.schema())
                + "."
                + quoted(output.table());
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
