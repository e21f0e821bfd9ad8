/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import java.util.Arrays;
import java.util.Optional;

/** The columns that every table has. {@code SELECT *} leaves them out. */
public enum HiddenColumn {
    /** The shard, as the API names it. */
    SHARD_ID("_shard_id", "varchar"),
    /** The sequence number in its decimal form, 56 digits. */
    SEQUENCE_NUMBER("_sequence_number", "varchar"),
    /**
     * The place among the rows of one record, which a producer may have made of several; else 0.
     */
    SUBSEQUENCE_NUMBER("_subsequence_number", "bigint"),
    /** The place in the shard's partition: numbers that grow along a shard, with gaps. */
    OFFSET("_offset", "bigint"),
    /** When the brokers got the record. */
    ARRIVAL_TIME("_arrival_time", "timestamp(3) with time zone"),
    /** When the row happened, UTC: the column that is declared as rowtime, or the arrival. */
    ROWTIME("_rowtime", "timestamp(3)"),
    PARTITION_KEY("_partition_key", "varchar"),
    /** The record's bytes. */
    DATA("_data", "varbinary");

    private final String columnName;
    private final String type;

    HiddenColumn(String columnName, String type) {
        this.columnName = columnName;
        this.type = type;
    }

    /** Its name in SQL. */
    public String columnName() {
        return columnName;
    }

    /** Its type as Trino writes it. */
    public String type() {
        return type;
    }

    public static Optional<HiddenColumn> named(String columnName) {
        return Arrays.stream(values())
                .filter(column -> column.columnName.equals(columnName))
                .findFirst();
    }
}
