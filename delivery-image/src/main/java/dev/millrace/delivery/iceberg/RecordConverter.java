/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import dev.millrace.delivery.columns.RowException;
import dev.millrace.delivery.columns.RowReader;
import dev.millrace.delivery.columns.Timestamps;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** JSON objects as records of a table's schema, by the rules of JSON as rows. */
final class RecordConverter {

    private final Schema schema;
    private final RowReader reader;

    /**
     * @throws IllegalArgumentException if the schema has a type that JSON cannot be
     */
    RecordConverter(Schema schema) {
        this.schema = schema;
        this.reader =
                new RowReader(
                        Schemas.columns(schema.columns()),
                        RowReader.Keys.PLAIN,
                        new Timestamps(List.of()));
    }

    /** Refuses a record without a value in one of the columns. */
    static void requireValues(Record record, List<String> columns) throws RowException {
        for (String column : columns) {
            if (record.getField(column) == null) {
                throw new RowException(
                        "Iceberg.MissingColumnWithinRecord",
                        "column '%s' is a unique key".formatted(column));
            }
        }
    }

    /**
     * The records of the JSON objects.
     *
     * @throws RowException if there are none, or they do not fit
     */
    List<Record> records(byte[] json) throws RowException {
        List<Record> records = new ArrayList<>(1);
        for (@Nullable Object[] row : reader.rows(json)) {
            records.add(record(schema.asStruct(), row));
        }
        return records;
    }

    private static Record record(Types.StructType struct, @Nullable Object[] row)
            throws RowException {
        GenericRecord record = GenericRecord.create(struct);
        List<NestedField> fields = struct.fields();
        for (int i = 0; i < fields.size(); i++) {
            Object value = row[i];
            if (value == null && fields.get(i).isRequired()) {
                throw new RowException(
                        "Iceberg.MissingColumnWithinRecord",
                        "column '%s' is required".formatted(fields.get(i).name()));
            }
            record.set(i, value == null ? null : value(fields.get(i).type(), value));
        }
        return record;
    }

    private static Object value(Type type, Object value) throws RowException {
        return switch (type.typeId()) {
            case DATE -> LocalDate.ofEpochDay((Integer) value);
            case TIMESTAMP -> {
                OffsetDateTime time =
                        Instant.EPOCH
                                .plus((Long) value, ChronoUnit.MICROS)
                                .atOffset(ZoneOffset.UTC);
                LocalDateTime local = time.toLocalDateTime();
                yield ((Types.TimestampType) type).shouldAdjustToUTC() ? time : local;
            }
            case BINARY -> ByteBuffer.wrap((byte[]) value);
            case STRUCT -> record(type.asStructType(), (@Nullable Object[]) value);
            case LIST -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (Object element : (List<?>) value) {
                    list.add(
                            element == null
                                    ? null
                                    : value(type.asListType().elementType(), element));
                }
                yield list;
            }
            case MAP -> {
                Map<Object, @Nullable Object> map = new LinkedHashMap<>();
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    map.put(
                            entry.getKey(),
                            entry.getValue() == null
                                    ? null
                                    : value(type.asMapType().valueType(), entry.getValue()));
                }
                yield map;
            }
            default -> value;
        };
    }
}
