/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.sql;

/**
 * A table, perhaps of a schema, by its exact name.
 *
 * @param schema empty for the one that the connection looks in first
 */
public record TableName(String schema, String table) {

    public static TableName parse(String text) {
        int dot = text.indexOf('.');
        return dot < 0
                ? new TableName("", text)
                : new TableName(text.substring(0, dot), text.substring(dot + 1));
    }

    /** As it stands in SQL. */
    String sql() {
        return of(table);
    }

    /** Another table beside it. */
    String beside(String other) {
        return of(other);
    }

    private String of(String name) {
        return schema.isEmpty() ? quoted(name) : quoted(schema) + "." + quoted(name);
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
