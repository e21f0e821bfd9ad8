/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import io.trino.spi.connector.ConnectorTableHandle;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A table with what a query reads of it, as Trino passes it around.
 *
 * @param description the table's description, JSON
 * @param ranges the offsets that are read; all if none
 * @param bounds what the query's conditions say
 * @param limit how many rows are enough
 * @param isPut whether it is the table that INSERTs with partition keys go to
 */
public record StreamTable(
        String schema,
        String table,
        String description,
        Optional<String> ranges,
        Bounds bounds,
        OptionalLong limit,
        boolean isPut)
        implements ConnectorTableHandle {

    StreamTable withBounds(Bounds changed) {
        return new StreamTable(schema, table, description, ranges, changed, limit, isPut);
    }

    StreamTable withLimit(long changed) {
        return new StreamTable(
                schema, table, description, ranges, bounds, OptionalLong.of(changed), isPut);
    }

    @Override
    public String toString() {
        return schema
                + "."
                + table
                + ranges.map(r -> "[" + r + "]").orElse("")
                + (bounds.equals(Bounds.ALL) ? "" : bounds.toString());
    }
}
