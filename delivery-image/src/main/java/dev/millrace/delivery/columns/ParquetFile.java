/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.columns;

import dev.millrace.delivery.columns.ColumnType.Column;
import dev.millrace.delivery.columns.ColumnType.Scalar;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/** Apache Parquet: lists and maps as its specification has them, timestamps in microseconds. */
public final class ParquetFile implements ColumnFile {

    private static final int PAGE_BYTES = 1 << 20;
    private static final int DECIMAL_BYTES = 16;

    private final List<Column> columns;
    private final CompressionCodecName codec;
    private final MessageType schema;

    /**
     * @param compression SNAPPY, GZIP, ZSTD or UNCOMPRESSED
     * @throws IllegalArgumentException if it is none of them
     */
    public ParquetFile(List<Column> columns, String compression) {
        this.columns = List.copyOf(columns);
        if (!List.of("SNAPPY", "GZIP", "ZSTD", "UNCOMPRESSED").contains(compression)) {
            throw new IllegalArgumentException(
                    "'%s' is none of SNAPPY, GZIP, ZSTD, UNCOMPRESSED".formatted(compression));
        }
        this.codec = CompressionCodecName.valueOf(compression.toUpperCase(Locale.ROOT));
        this.schema =
                new MessageType(
                        "row", this.columns.stream().map(c -> type(c.name(), c.type())).toList());
    }

    @Override
    public String extension() {
        return ".parquet";
    }

    @Override
    public Writer into(OutputStream out, long rowGroupBytes) throws IOException {
        ParquetWriter<@Nullable Object[]> writer =
                new Builder(new ToStream(out))
                        .withConf(new PlainParquetConfiguration())
                        .withCompressionCodec(codec)
                        .withRowGroupSize(rowGroupBytes)
                        .withPageSize((int) Math.min(PAGE_BYTES, rowGroupBytes))
                        .withDictionaryEncoding(true)
                        .build();
        return new Writer() {
            @Override
            public void write(@Nullable Object[] row) throws IOException {
                writer.write(row);
            }

            @Override
            public void close() throws IOException {
                writer.close();
            }
        };
    }

    private static Type type(String name, ColumnType type) {
        return switch (type) {
            case Scalar scalar ->
                    switch (scalar) {
                        case STRING ->
                                Types.optional(PrimitiveTypeName.BINARY)
                                        .as(LogicalTypeAnnotation.stringType())
                                        .named(name);
                        case INT -> Types.optional(PrimitiveTypeName.INT32).named(name);
                        case BIGINT -> Types.optional(PrimitiveTypeName.INT64).named(name);
                        case FLOAT -> Types.optional(PrimitiveTypeName.FLOAT).named(name);
                        case DOUBLE -> Types.optional(PrimitiveTypeName.DOUBLE).named(name);
                        case BOOLEAN -> Types.optional(PrimitiveTypeName.BOOLEAN).named(name);
                        case DATE ->
                                Types.optional(PrimitiveTypeName.INT32)
                                        .as(LogicalTypeAnnotation.dateType())
                                        .named(name);
                        case TIMESTAMP ->
                                Types.optional(PrimitiveTypeName.INT64)
                                        .as(
                                                LogicalTypeAnnotation.timestampType(
                                                        true, TimeUnit.MICROS))
                                        .named(name);
                        case BINARY -> Types.optional(PrimitiveTypeName.BINARY).named(name);
                    };
            case ColumnType.Decimal(int precision, int scale) ->
                    Types.optional(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY)
                            .length(DECIMAL_BYTES)
                            .as(LogicalTypeAnnotation.decimalType(scale, precision))
                            .named(name);
            case ColumnType.ListOf(ColumnType element) ->
                    Types.optionalList().element(type("element", element)).named(name);
            case ColumnType.MapOf(ColumnType value) ->
                    Types.optionalMap()
                            .key(
                                    Types.required(PrimitiveTypeName.BINARY)
                                            .as(LogicalTypeAnnotation.stringType())
                                            .named("key"))
                            .value(type("value", value))
                            .named(name);
            case ColumnType.Struct(List<Column> fields) -> {
                Types.GroupBuilder<org.apache.parquet.schema.GroupType> group =
                        Types.optionalGroup();
                for (Column field : fields) {
                    group = group.addField(type(field.name(), field.type()));
                }
                yield group.named(name);
            }
        };
    }

    private final class Builder extends ParquetWriter.Builder<@Nullable Object[], Builder> {
        Builder(OutputFile file) {
            super(file);
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        protected WriteSupport<@Nullable Object[]> getWriteSupport(Configuration configuration) {
            return new Rows(schema, columns);
        }

        @Override
        protected WriteSupport<@Nullable Object[]> getWriteSupport(
                ParquetConfiguration configuration) {
            return new Rows(schema, columns);
        }
    }

    /** Tells Parquet the values of a row, one after the other. */
    private static final class Rows extends WriteSupport<@Nullable Object[]> {
        private final MessageType schema;
        private final List<Column> columns;
        private @Nullable RecordConsumer consumer;

        Rows(MessageType schema, List<Column> columns) {
            this.schema = schema;
            this.columns = columns;
        }

        @Override
        public WriteContext init(Configuration configuration) {
            return new WriteContext(schema, Map.of());
        }

        @Override
        public WriteContext init(ParquetConfiguration configuration) {
            return new WriteContext(schema, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer to) {
            consumer = to;
        }

        @Override
        public void write(@Nullable Object[] row) {
            RecordConsumer to = Objects.requireNonNull(consumer);
            to.startMessage();
            fields(to, columns, row);
            to.endMessage();
        }

        private static void fields(
                RecordConsumer to, List<Column> columns, @Nullable Object[] row) {
            for (int i = 0; i < columns.size(); i++) {
                Object value = row[i];
                if (value != null) {
                    field(to, columns.get(i).name(), i, columns.get(i).type(), value);
                }
            }
        }

        private static void field(
                RecordConsumer to, String name, int index, ColumnType type, Object value) {
            to.startField(name, index);
            value(to, type, value);
            to.endField(name, index);
        }

        private static void value(RecordConsumer to, ColumnType type, Object value) {
            switch (type) {
                case Scalar scalar -> scalar(to, scalar, value);
                case ColumnType.Decimal _ -> to.addBinary(decimal((BigDecimal) value));
                case ColumnType.Struct(List<Column> fields) -> {
                    to.startGroup();
                    fields(to, fields, (@Nullable Object[]) value);
                    to.endGroup();
                }
                case ColumnType.ListOf(ColumnType element) -> {
                    to.startGroup();
                    List<?> list = (List<?>) value;
                    if (!list.isEmpty()) {
                        to.startField("list", 0);
                        for (Object item : list) {
                            to.startGroup();
                            if (item != null) {
                                field(to, "element", 0, element, item);
                            }
                            to.endGroup();
                        }
                        to.endField("list", 0);
                    }
                    to.endGroup();
                }
                case ColumnType.MapOf(ColumnType of) -> {
                    to.startGroup();
                    Map<?, ?> map = (Map<?, ?>) value;
                    if (!map.isEmpty()) {
                        to.startField("key_value", 0);
                        map.forEach((key, item) -> {
                            to.startGroup();
                            field(to, "key", 0, Scalar.STRING, key);
                            if (item != null) {
                                field(to, "value", 1, of, item);
                            }
                            to.endGroup();
                        });
                        to.endField("key_value", 0);
                    }
                    to.endGroup();
                }
            }
        }

        private static void scalar(RecordConsumer to, Scalar scalar, Object value) {
            switch (scalar) {
                case STRING -> to.addBinary(Binary.fromString((String) value));
                case INT, DATE -> to.addInteger((Integer) value);
                case BIGINT, TIMESTAMP -> to.addLong((Long) value);
                case FLOAT -> to.addFloat((Float) value);
                case DOUBLE -> to.addDouble((Double) value);
                case BOOLEAN -> to.addBoolean((Boolean) value);
                case BINARY -> to.addBinary(Binary.fromConstantByteArray((byte[]) value));
            }
        }

        /** The digits in two's complement, filled up from the left. */
        private static Binary decimal(BigDecimal value) {
            byte[] digits = value.unscaledValue().toByteArray();
            byte[] filled = new byte[DECIMAL_BYTES];
            Arrays.fill(filled, value.signum() < 0 ? (byte) -1 : 0);
            System.arraycopy(digits, 0, filled, DECIMAL_BYTES - digits.length, digits.length);
            return Binary.fromConstantByteArray(filled);
        }
    }

    /** A stream as a file that can only be written once. */
    private record ToStream(OutputStream out) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new PositionOutputStream() {
                private long position;

                @Override
                public long getPos() {
                    return position;
                }

                @Override
                public void write(int one) throws IOException {
                    out.write(one);
                    position++;
                }

                @Override
                public void write(byte[] data, int offset, int length) throws IOException {
                    out.write(data, offset, length);
                    position += length;
                }
            };
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }
}
