/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;

/**
 * Rows that replace those of the same keys: a file with the last row of each key, and one that
 * deletes what was there before.
 */
record Replacement(DataFile rows, DeleteFile deletes) {

    /**
     * @throws IllegalStateException if the table is partitioned: rows of a key may then lie in
     *     partitions that nobody knows here
     */
    static Replacement write(Table table, List<String> keys, List<Record> records)
            throws IOException {
        PartitionSpec spec = table.spec();
        if (!spec.isUnpartitioned()) {
            throw new IllegalStateException("uniqueKeys need a table without partitions");
        }
        Schema keySchema = table.schema().select(keys);
        int[] ids =
                keys.stream().mapToInt(key -> table.schema().findField(key).fieldId()).toArray();
        Map<List<Object>, Record> last = new LinkedHashMap<>();
        for (Record record : records) {
            List<Object> key = new ArrayList<>();
            keys.forEach(column -> key.add(record.getField(column)));
            last.put(key, record);
        }
        OutputFileFactory files =
                OutputFileFactory.builderFor(table, 0, 0)
                        .operationId(UUID.randomUUID().toString())
                        .format(FileFormat.PARQUET)
                        .build();
        GenericFileWriterFactory factory =
                new GenericFileWriterFactory.Builder(table)
                        .dataFileFormat(FileFormat.PARQUET)
                        .deleteFileFormat(FileFormat.PARQUET)
                        .equalityFieldIds(ids)
                        .equalityDeleteRowSchema(keySchema)
                        .build();
        DataWriter<Record> rows = factory.newDataWriter(files.newOutputFile(), spec, null);
        EqualityDeleteWriter<Record> deletes =
                factory.newEqualityDeleteWriter(files.newOutputFile(), spec, null);
        try (rows;
                deletes) {
            for (Record record : last.values()) {
                rows.write(record);
                deletes.write(key(keySchema, record));
            }
        }
        return new Replacement(rows.toDataFile(), deletes.toDeleteFile());
    }

    private static Record key(Schema keySchema, Record record) {
        GenericRecord key = GenericRecord.create(keySchema);
        keySchema
                .columns()
                .forEach(column -> key.setField(column.name(), record.getField(column.name())));
        return key;
    }
}
