/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import com.fasterxml.jackson.core.JsonParser;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.kpl.KplAggregation;
import dev.millrace.table.Column;
import dev.millrace.table.EventTime;
import dev.millrace.table.HiddenColumn;
import dev.millrace.table.PlainScalar;
import dev.millrace.table.RowFormatException;
import dev.millrace.table.RowParser;
import dev.millrace.table.TableDescription;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.trino.spi.Page;
import io.trino.spi.PageBuilder;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.DateTimeEncoding;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.Type;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Makes rows of records: only the columns that are asked for are decoded, from the record's bytes
 * into the page with nothing in between but one value per column.
 */
final class RowDecoder implements RowParser.Sink {

    private static final long MICROS_PER_MILLI = 1_000;

    private final TableDescription table;
    private final StreamSplit split;
    private final RecordCipher cipher;
    private final StreamId stream;
    private final ShardId shard;
    private final Slice shardName;
    private final RowParser parser;
    private final List<StreamColumn> columns;
    private final List<Optional<HiddenColumn>> hidden;

    /** For each column its place among the parsed ones; -1 if it is hidden. */
    private final int[] parsed;

    private final ValueDecoder[] decoders;
    private final Cell[] cells;

    /** The place of the rowtime's column among the parsed ones; -1 if a record's arrival counts. */
    private final int rowtimeCell;

    private final boolean parses;
    private final PageBuilder page;
    private OptionalLong rowtimeMicros = OptionalLong.empty();

    RowDecoder(
            TableDescription table,
            List<StreamColumn> columns,
            StreamSplit split,
            RecordCipher cipher) {
        this.table = table;
        this.split = split;
        this.cipher = cipher;
        this.stream = new StreamId(split.stream());
        this.shard = new ShardId(split.shard());
        this.shardName = Slices.utf8Slice(shard.toString());
        this.columns = columns;
        this.hidden = columns.stream().map(c -> HiddenColumn.named(c.name())).toList();
        this.parsed = new int[columns.size()];
        List<Column> asked = new ArrayList<>();
        List<ValueDecoder> decoding = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (hidden.get(i).isPresent()) {
                parsed[i] = -1;
            } else {
                parsed[i] = asked.size();
                asked.add(table.column(columns.get(i).name()).orElseThrow());
                decoding.add(ValueDecoder.of(columns.get(i).type()));
            }
        }
        this.rowtimeCell = table.rowtimeColumn().isPresent() ? asked.size() : -1;
        table.rowtimeColumn().ifPresent(asked::add);
        this.decoders = decoding.toArray(ValueDecoder[]::new);
        this.cells = new Cell[decoders.length];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = new Cell();
        }
        this.parser = new RowParser(table, asked);
        this.parses = !table.columns().isEmpty();
        this.page = new PageBuilder(columns.stream().map(StreamColumn::type).toList());
    }

    /** How many rows wait to be taken as a page. */
    int rows() {
        return page.getPositionCount();
    }

    long retainedBytes() {
        return page.getRetainedSizeInBytes();
    }

    /** The rows since the last page. */
    Page page() {
        Page built = page.build();
        page.reset();
        return built;
    }

    /**
     * Adds a record's row, or the rows of one that a producer has made of several.
     *
     * @return how many are wanted
     */
    int add(ConsumerRecord<byte[], byte[]> record) {
        byte[] data = data(record);
        if (!KplAggregation.isAggregated(data)) {
            byte @Nullable [] key = record.key();
            return add(
                            record,
                            key == null ? Slices.EMPTY_SLICE : Slices.wrappedBuffer(key),
                            data,
                            0)
                    ? 1
                    : 0;
        }
        int added = 0;
        int number = 0;
        for (KplAggregation.UserRecord part : KplAggregation.split(data)) {
            added +=
                    add(record, Slices.utf8Slice(part.partitionKey()), part.data(), number++)
                            ? 1
                            : 0;
        }
        return added;
    }

    private boolean add(ConsumerRecord<byte[], byte[]> record, Slice key, byte[] data, int number) {
        long rowtime = record.timestamp();
        if (parses) {
            boolean isRow = parse(record, data);
            if (!isRow && table.onError() == TableDescription.OnError.DROP) {
                return false;
            }
            if (rowtimeMicros.isPresent()) {
                rowtime = Math.floorDiv(rowtimeMicros.getAsLong(), MICROS_PER_MILLI);
            }
        }
        if (rowtime < split.minRowtime() || rowtime >= split.toRowtime()) {
            return false;
        }
        page.declarePosition();
        for (int i = 0; i < parsed.length; i++) {
            BlockBuilder block = page.getBlockBuilder(i);
            if (parsed[i] >= 0) {
                cells[parsed[i]].writeTo(block, columns.get(i).type());
            } else {
                Type type = columns.get(i).type();
                switch (hidden.get(i).orElseThrow()) {
                    case PARTITION_KEY -> type.writeSlice(block, key);
                    case SUBSEQUENCE_NUMBER -> type.writeLong(block, number);
                    case DATA -> type.writeSlice(block, Slices.wrappedBuffer(data));
                    case ROWTIME -> type.writeLong(block, rowtime * MICROS_PER_MILLI);
                    default -> write(hidden.get(i).orElseThrow(), type, block, record);
                }
            }
        }
        return true;
    }

    /** Whether the record is a row; if not, all its cells are NULL. */
    private boolean parse(ConsumerRecord<byte[], byte[]> record, byte[] data) {
        clear();
        try {
            parser.parse(data, this);
            if (rowtimeCell >= 0 && rowtimeMicros.isEmpty()) {
                throw new RowFormatException(
                        "It has no point in time as " + table.rowtime().orElseThrow());
            }
            return true;
        } catch (RowFormatException e) {
            if (table.onError() == TableDescription.OnError.FAIL) {
                throw new TrinoException(
                        StandardErrorCode.INVALID_CAST_ARGUMENT,
                        "A record of table "
                                + table.name()
                                + " is no row: "
                                + e.getMessage()
                                + " ("
                                + shard
                                + ", sequence number "
                                + new SequenceNumber(shard, record.offset())
                                + ")",
                        e);
            }
            clear();
            return false;
        }
    }

    private void clear() {
        for (Cell cell : cells) {
            cell.clear();
        }
        rowtimeMicros = OptionalLong.empty();
    }

    @Override
    public void scalar(int column, JsonParser at) throws IOException {
        if (column == rowtimeCell) {
            rowtimeMicros = EventTime.micros(at);
        } else {
            decoders[column].decode(at, cells[column]);
        }
    }

    @Override
    public void plain(int column, PlainScalar value) throws IOException {
        if (column == rowtimeCell) {
            rowtimeMicros = EventTime.micros(value);
        } else {
            decoders[column].plain(value, cells[column]);
        }
    }

    @Override
    public void json(int column, byte[] data, int from, int to) {
        if (column != rowtimeCell) {
            decoders[column].json(data, from, to, cells[column]);
        }
    }

    /** What all rows of a record have in common. */
    private void write(
            HiddenColumn column,
            Type type,
            BlockBuilder block,
            ConsumerRecord<byte[], byte[]> record) {
        switch (column) {
            case SHARD_ID -> type.writeSlice(block, shardName);
            case SEQUENCE_NUMBER -> {
                byte[] digits = new byte[SequenceNumber.DIGITS];
                new SequenceNumber(shard, record.offset()).write(digits);
                type.writeSlice(block, Slices.wrappedBuffer(digits));
            }
            case OFFSET -> type.writeLong(block, record.offset());
            case ARRIVAL_TIME ->
                    type.writeLong(
                            block,
                            DateTimeEncoding.packDateTimeWithZone(
                                    record.timestamp(), TimeZoneKey.UTC_KEY));
            default -> throw new IllegalStateException("Not of the record: " + column);
        }
    }

    private byte[] data(ConsumerRecord<byte[], byte[]> record) {
        byte @Nullable [] value = record.value();
        if (value == null) {
            return new byte[0];
        }
        Header envelope = record.headers().lastHeader(RecordCipher.HEADER);
        return envelope == null ? value : cipher.decrypt(envelope.value(), stream, value);
    }
}
