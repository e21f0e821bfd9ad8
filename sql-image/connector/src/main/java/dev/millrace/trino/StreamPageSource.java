/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.ConnectorPageSource;
import io.trino.spi.connector.SourcePage;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads the records of a split, as many at a time as make a page. */
final class StreamPageSource implements ConnectorPageSource {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);
    private static final int PAGE_ROWS = 8_192;
    private static final long PAGE_BYTES = 1 << 20;

    /** What a consumer holds at most: one fetch that is read, and the next one. */
    private static final long FETCHED_BYTES = 4 << 20;

    private final Pool pool;
    private final StreamSplit split;
    private final RowDecoder decoder;
    private final TopicPartition partition;

    private @Nullable KafkaConsumer<byte[], byte[]> consumer;
    private Iterator<ConsumerRecord<byte[], byte[]>> polled =
            List.<ConsumerRecord<byte[], byte[]>>of().iterator();
    private long rowsLeft;
    private long bytes;
    private long rows;
    private long readNanos;
    private long heardAtNanos = System.nanoTime();
    private boolean finished;

    /**
     * @param limit how many rows are enough
     */
    StreamPageSource(Pool pool, StreamSplit split, RowDecoder decoder, long limit) {
        this.pool = pool;
        this.split = split;
        this.decoder = decoder;
        this.partition = new TopicPartition(split.topic(), split.partition());
        this.rowsLeft = limit;
        this.finished = split.from() >= split.to() || limit == 0;
    }

    @Override
    public @Nullable SourcePage getNextSourcePage() {
        long before = bytes;
        try {
            while (!finished && decoder.rows() < PAGE_ROWS && bytes - before < PAGE_BYTES) {
                if (!polled.hasNext()) {
                    if (!poll() && decoder.rows() > 0) {
                        break;
                    }
                    continue;
                }
                take(polled.next());
            }
        } catch (KafkaException e) {
            throw new TrinoException(
                    StandardErrorCode.CATALOG_UNAVAILABLE,
                    "Reading " + partition + " failed: " + e.getMessage(),
                    e);
        }
        if (decoder.rows() == 0) {
            return null;
        }
        rows += decoder.rows();
        return SourcePage.create(decoder.page());
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.offset() >= split.to()) {
            finished = true;
            return;
        }
        bytes += Math.max(0, record.serializedValueSize());
        if (record.timestamp() >= split.minArrival()) {
            rowsLeft -= decoder.add(record);
        }
        finished = rowsLeft <= 0 || record.offset() + 1 >= split.to();
    }

    /** Whether records came. Also ends the split where its last offsets hold none. */
    private boolean poll() {
        long start = System.nanoTime();
        KafkaConsumer<byte[], byte[]> own = opened();
        try {
            polled = own.poll(POLL).records(partition).iterator();
        } catch (OffsetOutOfRangeException e) {
            skipExpired(own, e);
        }
        readNanos += System.nanoTime() - start;
        if (polled.hasNext()) {
            heardAtNanos = System.nanoTime();
            return true;
        }
        if (own.position(partition) >= split.to()) {
            finished = true;
        } else if (System.nanoTime() - heardAtNanos > SILENCE_MAX.toNanos()) {
            throw new TrinoException(
                    StandardErrorCode.CATALOG_UNAVAILABLE,
                    "The brokers gave no records of "
                            + partition
                            + " from offset "
                            + own.position(partition)
                            + " on for "
                            + SILENCE_MAX.toSeconds()
                            + " s");
        }
        return false;
    }

    private void skipExpired(KafkaConsumer<byte[], byte[]> own, OffsetOutOfRangeException e) {
        long first =
                own.beginningOffsets(List.of(partition)).getOrDefault(partition, Long.MAX_VALUE);
        OptionalLong asked =
                e.offsetOutOfRangePartitions().values().stream().mapToLong(Long::longValue).max();
        if (first <= asked.orElse(0)) {
            throw e; // Beyond the end: the range is wrong, or the brokers lost data.
        }
        own.seek(partition, Math.min(first, split.to()));
        finished = first >= split.to();
    }

    private KafkaConsumer<byte[], byte[]> opened() {
        KafkaConsumer<byte[], byte[]> own = consumer;
        if (own == null) {
            own = pool.borrow();
            consumer = own;
            own.assign(List.of(partition));
            own.seek(partition, split.from());
        }
        return own;
    }

    @Override
    public boolean isFinished() {
        return finished && decoder.rows() == 0;
    }

    @Override
    public long getCompletedBytes() {
        return bytes;
    }

    @Override
    public OptionalLong getCompletedPositions() {
        return OptionalLong.of(rows);
    }

    @Override
    public long getReadTimeNanos() {
        return readNanos;
    }

    @Override
    public long getMemoryUsage() {
        return decoder.retainedBytes() + FETCHED_BYTES;
    }

    @Override
    public void close() {
        KafkaConsumer<byte[], byte[]> own = consumer;
        consumer = null;
        finished = true;
        if (own != null) {
            pool.giveBack(own);
        }
    }
}
