/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.columns;

import dev.millrace.delivery.columns.ColumnType.Column;
import dev.millrace.delivery.columns.ColumnType.Scalar;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hive.common.type.HiveDecimal;
import org.apache.hadoop.hive.ql.exec.vector.BytesColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.ColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.DecimalColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.DoubleColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.ListColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.LongColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.MapColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.StructColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.TimestampColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.VectorizedRowBatch;
import org.apache.orc.CompressionKind;
import org.apache.orc.TypeDescription;
import org.jspecify.annotations.Nullable;

/** Apache ORC: timestamps with the local time zone's semantics, that is, in UTC. */
public final class OrcFile implements ColumnFile {

    private static final long MICROS = 1_000_000;

    private final List<Column> columns;
    private final CompressionKind compression;
    private final TypeDescription schema;

    /**
     * @param compression SNAPPY, ZLIB, ZSTD or NONE
     * @throws IllegalArgumentException if it is none of them
     */
    public OrcFile(List<Column> columns, String compression) {
        this.columns = List.copyOf(columns);
        if (!List.of("SNAPPY", "ZLIB", "ZSTD", "NONE").contains(compression)) {
            throw new IllegalArgumentException(
                    "'%s' is none of SNAPPY, ZLIB, ZSTD, NONE".formatted(compression));
        }
        this.compression = CompressionKind.valueOf(compression);
        this.schema = struct(this.columns);
    }

    @Override
    public String extension() {
        return ".orc";
    }

    @Override
    public Writer into(OutputStream out, long rowGroupBytes) throws IOException {
        org.apache.orc.Writer writer =
                org.apache.orc.OrcFile.createWriter(
                        new Path("stream:///rows"),
                        org.apache.orc.OrcFile.writerOptions(new Configuration(false))
                                .fileSystem(new StreamFileSystem(out))
                                .setSchema(schema)
                                .compress(compression)
                                .stripeSize(rowGroupBytes)
                                .blockPadding(false)
                                .useUTCTimestamp(true));
        return new Rows(writer, schema.createRowBatch(), columns);
    }

    private static TypeDescription struct(List<Column> columns) {
        TypeDescription struct = TypeDescription.createStruct();
        columns.forEach(column -> struct.addField(column.name(), type(column.type())));
        return struct;
    }

    private static TypeDescription type(ColumnType type) {
        return switch (type) {
            case Scalar scalar ->
                    switch (scalar) {
                        case STRING -> TypeDescription.createString();
                        case INT -> TypeDescription.createInt();
                        case BIGINT -> TypeDescription.createLong();
                        case FLOAT -> TypeDescription.createFloat();
                        case DOUBLE -> TypeDescription.createDouble();
                        case BOOLEAN -> TypeDescription.createBoolean();
                        case DATE -> TypeDescription.createDate();
                        case TIMESTAMP -> TypeDescription.createTimestampInstant();
                        case BINARY -> TypeDescription.createBinary();
                    };
            case ColumnType.Decimal(int precision, int scale) ->
                    // The scale first: it must never be above the precision.
                    TypeDescription.createDecimal()
                            .withScale(0)
                            .withPrecision(precision)
                            .withScale(scale);
            case ColumnType.ListOf(ColumnType element) -> TypeDescription.createList(type(element));
            case ColumnType.MapOf(ColumnType value) ->
                    TypeDescription.createMap(TypeDescription.createString(), type(value));
            case ColumnType.Struct(List<Column> fields) -> struct(fields);
        };
    }

    private record Rows(
            org.apache.orc.Writer writer, VectorizedRowBatch batch, List<Column> columns)
            implements Writer {

        @Override
        public void write(@Nullable Object[] row) throws IOException {
            int place = batch.size++;
            for (int i = 0; i < columns.size(); i++) {
                set(batch.cols[i], place, columns.get(i).type(), row[i]);
            }
            if (batch.size == batch.getMaxSize()) {
                writer.addRowBatch(batch);
                batch.reset();
            }
        }

        @Override
        public void close() throws IOException {
            if (batch.size > 0) {
                writer.addRowBatch(batch);
                batch.reset();
            }
            writer.close();
        }

        private static void set(
                ColumnVector vector, int place, ColumnType type, @Nullable Object value) {
            if (value == null) {
                vector.isNull[place] = true;
                vector.noNulls = false;
                return;
            }
            vector.isNull[place] = false;
            switch (type) {
                case Scalar scalar -> scalar(vector, place, scalar, value);
                case ColumnType.Decimal _ ->
                        ((DecimalColumnVector) vector)
                                .set(place, HiveDecimal.create((BigDecimal) value));
                case ColumnType.Struct(List<Column> fields) -> {
                    @Nullable Object[] values = (@Nullable Object[]) value;
                    StructColumnVector struct = (StructColumnVector) vector;
                    for (int i = 0; i < fields.size(); i++) {
                        set(struct.fields[i], place, fields.get(i).type(), values[i]);
                    }
                }
                case ColumnType.ListOf(ColumnType element) -> {
                    List<?> values = (List<?>) value;
                    ListColumnVector list = (ListColumnVector) vector;
                    list.offsets[place] = list.childCount;
                    list.lengths[place] = values.size();
                    int child = list.childCount;
                    list.childCount += values.size();
                    list.child.ensureSize(list.childCount, child > 0);
                    for (Object item : values) {
                        set(list.child, child++, element, item);
                    }
                }
                case ColumnType.MapOf(ColumnType of) -> {
                    Map<?, ?> values = (Map<?, ?>) value;
                    MapColumnVector map = (MapColumnVector) vector;
                    map.offsets[place] = map.childCount;
                    map.lengths[place] = values.size();
                    int child = map.childCount;
                    map.childCount += values.size();
                    map.keys.ensureSize(map.childCount, child > 0);
                    map.values.ensureSize(map.childCount, child > 0);
                    for (Map.Entry<?, ?> entry : values.entrySet()) {
                        set(map.keys, child, Scalar.STRING, entry.getKey());
                        set(map.values, child++, of, entry.getValue());
                    }
                }
            }
        }

        private static void scalar(ColumnVector vector, int place, Scalar scalar, Object value) {
            switch (scalar) {
                case STRING ->
                        bytes(vector, place, ((String) value).getBytes(StandardCharsets.UTF_8));
                case BINARY -> bytes(vector, place, (byte[]) value);
                case INT, DATE -> ((LongColumnVector) vector).vector[place] = (Integer) value;
                case BIGINT -> ((LongColumnVector) vector).vector[place] = (Long) value;
                case BOOLEAN -> ((LongColumnVector) vector).vector[place] = (Boolean) value ? 1 : 0;
                case FLOAT -> ((DoubleColumnVector) vector).vector[place] = (Float) value;
                case DOUBLE -> ((DoubleColumnVector) vector).vector[place] = (Double) value;
                case TIMESTAMP -> {
                    TimestampColumnVector times = (TimestampColumnVector) vector;
                    long micros = (Long) value;
                    times.time[place] = Math.floorDiv(micros, MICROS) * 1_000;
                    times.nanos[place] = (int) Math.floorMod(micros, MICROS) * 1_000;
                }
            }
        }

        private static void bytes(ColumnVector vector, int place, byte[] value) {
            ((BytesColumnVector) vector).setRef(place, value, 0, value.length);
        }
    }
}
