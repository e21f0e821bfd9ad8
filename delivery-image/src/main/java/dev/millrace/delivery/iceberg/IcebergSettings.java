/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import dev.millrace.delivery.columns.ColumnType.Column;
import dev.millrace.delivery.secret.MountedSecret;
import java.util.List;
import java.util.Optional;

/**
 * A table of a catalog.
 *
 * @param catalogCredentials a Secret with {@code username} and {@code password}, or with {@code
 *     token}
 * @param endpoint of an S3-compatible store
 * @param storeCredentials a Secret with {@code accessKeyId} and {@code secretAccessKey}
 * @param uniqueKeys columns by which a row replaces an older one; none to add rows only
 * @param columns that are declared; may be none
 * @param schemaEvolution whether the table gets the declared columns that it lacks, or where none
 *     are declared, those of new fields
 * @param tableCreation whether a table that is missing is made of the declared columns
 */
public record IcebergSettings(
        CatalogType catalogType,
        String catalogUri,
        Optional<String> warehouse,
        Optional<MountedSecret> catalogCredentials,
        Optional<String> endpoint,
        String region,
        boolean pathStyle,
        Optional<MountedSecret> storeCredentials,
        String database,
        String table,
        List<String> uniqueKeys,
        List<Column> columns,
        boolean schemaEvolution,
        boolean tableCreation) {
    public IcebergSettings {
        uniqueKeys = List.copyOf(uniqueKeys);
        columns = List.copyOf(columns);
    }

    /** What Iceberg calls it. */
    public enum CatalogType {
        REST,
        JDBC
    }
}
