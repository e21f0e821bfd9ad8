/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.millrace.shard.HashKey;
import dev.millrace.table.Column;
import dev.millrace.table.DataFormat;
import dev.millrace.table.HiddenColumn;
import dev.millrace.table.TableDescription;
import io.airlift.slice.Slice;
import io.trino.spi.Page;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.Type;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * Makes records of rows, in the form that {@link RowDecoder} reads: a JSON object with the columns
 * at their paths, without those that are NULL; a line of CSV; or text as it is. One thread uses it.
 */
final class RecordEncoder {

    /** Where a row may say its shard: a decimal number of 128 bits. */
    static final String EXPLICIT_HASH_KEY = "_explicit_hash_key";

    private static final int PARTITION_KEY_MAX = 256;
    private static final JsonFactory JSON = new JsonFactory();
    private static final CsvFactory CSV = new CsvFactory();

    /** A record to be put. */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
    record Record(HashKey hash, String partitionKey, byte[] data) {
        int size() {
            return data.length + partitionKey.length();
        }
    }

    /** A place in a JSON document: a column, or an object of more places. */
    private static final class Place {
        private final Map<String, Place> fields = new LinkedHashMap<>();
        private int channel = -1;
    }

    private final DataFormat format;
    private final List<StreamColumn> columns;
    private final Place root = new Place();
    private final CsvSchema csv;
    private final Set<Integer> own = new HashSet<>();
    private final List<Integer> values = new ArrayList<>();
    private int partitionKey = -1;
    private int hashKey = -1;
    private int data = -1;

    /**
     * @param columns of the rows
     */
    RecordEncoder(TableDescription table, List<StreamColumn> columns) {
        this.format = table.format();
        this.columns = columns;
        CsvSchema.Builder schema = CsvSchema.builder();
        for (int i = 0; i < columns.size(); i++) {
            String name = columns.get(i).name();
            if (name.equals(EXPLICIT_HASH_KEY)) {
                hashKey = i;
            } else if (name.equals(HiddenColumn.PARTITION_KEY.columnName())) {
                partitionKey = i;
            } else if (name.equals(HiddenColumn.DATA.columnName())) {
                data = i;
            } else if (HiddenColumn.named(name).isPresent()) {
                own.add(i);
            } else {
                values.add(i);
                place(table.column(name).orElseThrow(), i);
                schema.addColumn(name);
            }
        }
        this.csv = schema.setColumnSeparator(format.delimiter()).build();
    }

    private void place(Column column, int channel) {
        Place place = root;
        for (String field : column.path().fields()) {
            place = place.fields.computeIfAbsent(field, _ -> new Place());
        }
        place.channel = channel;
    }

    Record record(Page page, int row) {
        for (int channel : own) {
            if (!page.getBlock(channel).isNull(row)) {
                throw refused(columns.get(channel).name() + " comes by itself and is not inserted");
            }
        }
        byte[] bytes = data(page, row);
        String key = partitionKey(page, row, bytes);
        return new Record(hash(page, row, key), key, bytes);
    }

    private String partitionKey(Page page, int row, byte[] bytes) {
        if (partitionKey < 0 || page.getBlock(partitionKey).isNull(row)) {
            // Equal rows stay together, others are spread.
            CRC32 crc = new CRC32();
            crc.update(bytes);
            return Long.toHexString(crc.getValue());
        }
        String key = text(page, partitionKey, row);
        int length = key.codePointCount(0, key.length());
        if (length < 1 || length > PARTITION_KEY_MAX) {
            throw refused("_partition_key has 1 to 256 characters, not " + length);
        }
        return key;
    }

    private HashKey hash(Page page, int row, String key) {
        if (hashKey < 0 || page.getBlock(hashKey).isNull(row)) {
            return HashKey.ofPartitionKey(key);
        }
        String decimal = text(page, hashKey, row);
        try {
            return HashKey.parse(decimal);
        } catch (IllegalArgumentException _) {
            throw refused("_explicit_hash_key is a number from 0 to 2^128 - 1, not " + decimal);
        }
    }

    private byte[] data(Page page, int row) {
        if (data >= 0 && !page.getBlock(data).isNull(row)) {
            return slice(page, data, row).getBytes();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try {
            switch (format.type()) {
                case JSON -> {
                    try (JsonGenerator generator = JSON.createGenerator(bytes)) {
                        object(generator, root, page, row);
                    }
                }
                case CSV -> {
                    try (CsvGenerator generator = CSV.createGenerator(bytes)) {
                        generator.setSchema(csv);
                        line(generator, page, row);
                    }
                }
                case RAW -> {
                    for (int channel : values) {
                        if (!page.getBlock(channel).isNull(row)) {
                            return slice(page, channel, row).getBytes();
                        }
                    }
                }
                case AVRO -> throw refused("Rows of AVRO cannot be inserted");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void object(JsonGenerator generator, Place place, Page page, int row)
            throws IOException {
        generator.writeStartObject();
        for (Map.Entry<String, Place> field : place.fields.entrySet()) {
            Place inner = field.getValue();
            if (inner.channel < 0) {
                generator.writeFieldName(field.getKey());
                object(generator, inner, page, row);
            } else if (!page.getBlock(inner.channel).isNull(row)) {
                generator.writeFieldName(field.getKey());
                value(generator, page, inner.channel, row);
            }
        }
        generator.writeEndObject();
    }

    private void line(CsvGenerator generator, Page page, int row) throws IOException {
        generator.writeStartArray();
        for (int channel : values) {
            if (page.getBlock(channel).isNull(row)) {
                generator.writeString("");
            } else {
                value(generator, page, channel, row);
            }
        }
        generator.writeEndArray();
    }

    private void value(JsonGenerator generator, Page page, int channel, int row)
            throws IOException {
        Type type = columns.get(channel).type();
        Block block = page.getBlock(channel);
        switch (type.getBaseName()) {
            case "boolean" -> generator.writeBoolean(type.getBoolean(block, row));
            case "tinyint", "smallint", "integer", "bigint" ->
                    generator.writeNumber(type.getLong(block, row));
            case "real" -> real(generator, Float.intBitsToFloat((int) type.getLong(block, row)));
            case "double" -> real(generator, type.getDouble(block, row));
            case "decimal" -> generator.writeNumber(decimal((DecimalType) type, block, row));
            case "date" ->
                    generator.writeString(
                            LocalDate.ofEpochDay(type.getLong(block, row)).toString());
            case "timestamp" ->
                    generator.writeString(
                            Instant.EPOCH
                                    .plus(
                                            type.getLong(block, row),
                                            java.time.temporal.ChronoUnit.MICROS)
                                    .toString());
            case "timestamp with time zone" ->
                    generator.writeString(
                            Instant.ofEpochMilli(
                                            io.trino.spi.type.DateTimeEncoding.unpackMillisUtc(
                                                    type.getLong(block, row)))
                                    .toString());
            case "varbinary" -> generator.writeBinary(slice(page, channel, row).getBytes());
            case "json" -> json(generator, slice(page, channel, row).toStringUtf8());
            default -> generator.writeString(slice(page, channel, row).toStringUtf8());
        }
    }

    /** JSON inside of CSV is a text. */
    private static void json(JsonGenerator generator, String json) throws IOException {
        if (generator instanceof CsvGenerator) {
            generator.writeString(json);
        } else {
            generator.writeRawValue(json);
        }
    }

    /** JSON has no NaN and no infinities. */
    private static void real(JsonGenerator generator, double value) throws IOException {
        if (Double.isFinite(value)) {
            generator.writeNumber(value);
        } else {
            generator.writeNull();
        }
    }

    private static void real(JsonGenerator generator, float value) throws IOException {
        if (Float.isFinite(value)) {
            generator.writeNumber(value);
        } else {
            generator.writeNull();
        }
    }

    private static BigDecimal decimal(DecimalType type, Block block, int row) {
        BigInteger unscaled =
                type.isShort()
                        ? BigInteger.valueOf(type.getLong(block, row))
                        : ((Int128) type.getObject(block, row)).toBigInteger();
        return new BigDecimal(unscaled, type.getScale());
    }

    private Slice slice(Page page, int channel, int row) {
        return columns.get(channel).type().getSlice(page.getBlock(channel), row);
    }

    private String text(Page page, int channel, int row) {
        return slice(page, channel, row).toString(StandardCharsets.UTF_8);
    }

    private static TrinoException refused(String problem) {
        return new TrinoException(StandardErrorCode.INVALID_ARGUMENTS, problem);
    }
}
