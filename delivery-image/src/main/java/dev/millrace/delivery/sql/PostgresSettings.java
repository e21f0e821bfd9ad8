/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.sql;

import dev.millrace.delivery.secret.MountedSecret;
import java.util.List;

/**
 * A table of PostgreSQL.
 *
 * @param credentials a Secret with {@code username} and {@code password}
 * @param columns that are written; none for those of the table
 * @param keyColumns a row with the same values is updated; none to add rows only
 */
public record PostgresSettings(
        String jdbcUrl,
        MountedSecret credentials,
        TableName table,
        List<String> columns,
        List<String> keyColumns) {
    public PostgresSettings {
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
    }
}
