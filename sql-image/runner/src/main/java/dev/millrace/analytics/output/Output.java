/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.output;

import dev.millrace.shard.StreamName;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What an application writes to. */
public sealed interface Output {

    /** What the SQL calls it. */
    String name();

    /** What goes into an output. */
    enum Content {
        RESULTS,
        /** Rows of the inputs that came too late. */
        LATE_ROWS,
        /** Records of the inputs that are no rows. */
        MALFORMED
    }

    /**
     * A stream.
     *
     * @param stream the stream; of a delivery stream the one that holds what is put
     * @param partitionKeyColumn the column whose value is the partition key; without one the
     *     results are spread over the shards
     * @param early how often results of windows that are still open are given, with those taken
     *     back that are no results any more; else each comes once
     */
    record ToStream(
            String name,
            StreamName stream,
            RowEncoder.Format format,
            Optional<String> partitionKeyColumn,
            Content content,
            Optional<Duration> early)
            implements Output {}

    /**
     * A table of another catalog of Trino.
     *
     * @param keyColumns what a row is known by: it replaces the row of the same key. None for rows
     *     that are only added
     * @param versionColumn of rows of one key the one with the largest value here counts
     * @param batchColumn where rows are only added: the table's column that says which of our
     *     batches a row came with, so that none is added twice
     */
    record ToTable(
            String name,
            String catalog,
            String schema,
            String table,
            List<String> keyColumns,
            Optional<String> versionColumn,
            String batchColumn)
            implements Output {
        public ToTable {
            keyColumns =
                    keyColumns.stream().map(column -> column.toLowerCase(Locale.ROOT)).toList();
            versionColumn = versionColumn.map(column -> column.toLowerCase(Locale.ROOT));
            batchColumn = batchColumn.toLowerCase(Locale.ROOT);
        }

        /** Whether an INSERT that names a table means this one. */
        boolean isCalled(List<String> parts) {
            return parts.equals(List.of(catalog, schema, table));
        }
    }

    /** Whether results can be written to it. */
    default boolean takesResults() {
        return !(this instanceof ToStream stream) || stream.content() == Content.RESULTS;
    }

    /**
     * The output that an INSERT means: by its own name, or by that of its table.
     *
     * @param parts the name in the INSERT, in lower case
     */
    static Optional<Output> named(List<Output> outputs, List<String> parts) {
        return outputs.stream()
                .filter(Output::takesResults)
                .filter(output ->
                        parts.size() == 3
                                        && output instanceof ToTable table
                                        && table.isCalled(parts)
                                || output.name().equals(parts.getLast())
                                        && (parts.size() == 1 || output instanceof ToStream))
                .findFirst();
    }
}
