/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.shard.StreamName;
import dev.millrace.shard.log.ShardMovedException;
import dev.millrace.shard.log.StreamMissingException;
import dev.millrace.shard.log.StreamTransaction;
import io.airlift.slice.Slice;
import io.trino.spi.Page;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.ConnectorPageSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the rows of an INSERT: all of them are seen, or none. Up to some size they are kept until
 * the last one is there, and written in one short transaction; where a shard is closed meanwhile
 * they are written anew. More rows are written as they come, in a transaction that lasts as long as
 * the INSERT: readers of the stream wait for its end, and a shard that is closed ends it.
 */
final class StreamPageSink implements ConnectorPageSink {

    private static final long KEPT_BYTES_MAX = 16 << 20;
    private static final Duration RESHARD_MAX = Duration.ofSeconds(30);

    private final Pool pool;
    private final StreamName stream;
    private final RecordEncoder encoder;
    private final List<RecordEncoder.Record> kept = new ArrayList<>();
    private long keptBytes;
    private long bytes;
    private boolean spilled;
    private @Nullable StreamTransaction transaction;

    StreamPageSink(Pool pool, StreamName stream, RecordEncoder encoder) {
        this.pool = pool;
        this.stream = stream;
        this.encoder = encoder;
    }

    @Override
    public CompletableFuture<?> appendPage(Page page) {
        int max = maxRecordBytes();
        for (int row = 0; row < page.getPositionCount(); row++) {
            RecordEncoder.Record record = encoder.record(page, row);
            if (record.size() > max) {
                throw new TrinoException(
                        StandardErrorCode.INVALID_ARGUMENTS,
                        "A row of %,d bytes is larger than a record of stream %s may be, %,d bytes"
                                .formatted(record.size(), stream, max));
            }
            kept.add(record);
            keptBytes += record.size();
            bytes += record.size();
        }
        if (keptBytes > KEPT_BYTES_MAX) {
            try {
                writeKept();
                kept.clear();
                keptBytes = 0;
                spilled = true;
            } catch (StreamMissingException | KafkaException e) {
                throw failed(e);
            }
        }
        return NOT_BLOCKED;
    }

    private int maxRecordBytes() {
        return pool.map().stream(stream)
                .map(view -> view.state().settings().maxRecordSizeKiB() << 10)
                .orElseThrow(() ->
                        new TrinoException(
                                StandardErrorCode.TABLE_NOT_FOUND,
                                "There is no stream " + stream + " in the pool"));
    }

    @Override
    public CompletableFuture<Collection<Slice>> finish() {
        long end = System.nanoTime() + RESHARD_MAX.toNanos();
        try {
            while (!kept.isEmpty() || transaction != null) {
                try {
                    writeKept();
                    opened().commit();
                    break;
                } catch (ShardMovedException e) {
                    opened().abort();
                    if (spilled || System.nanoTime() > end) {
                        throw failed(e);
                    }
                    Thread.sleep(Duration.ofMillis(50));
                }
            }
        } catch (StreamMissingException | TimeoutException | KafkaException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(e);
        }
        close();
        return CompletableFuture.completedFuture(List.of());
    }

    private void writeKept() throws StreamMissingException {
        StreamTransaction own = opened();
        for (RecordEncoder.Record record : kept) {
            own.write(stream, record.hash(), record.partitionKey(), record.data());
        }
    }

    private StreamTransaction opened() {
        StreamTransaction own = transaction;
        if (own == null) {
            own = pool.transaction();
            transaction = own;
        }
        return own;
    }

    private TrinoException failed(Exception e) {
        return new TrinoException(
                e instanceof StreamMissingException
                        ? StandardErrorCode.TABLE_NOT_FOUND
                        : StandardErrorCode.CATALOG_UNAVAILABLE,
                "Nothing was written to stream " + stream + ": " + e.getMessage(),
                e);
    }

    @Override
    public void abort() {
        try {
            Optional.ofNullable(transaction).ifPresent(StreamTransaction::abort);
        } catch (KafkaException _) {
            // The brokers end it when its time is up.
        } finally {
            close();
        }
    }

    private void close() {
        kept.clear();
        StreamTransaction own = transaction;
        transaction = null;
        if (own != null) {
            own.close();
        }
    }

    @Override
    public long getCompletedBytes() {
        return bytes;
    }

    @Override
    public long getMemoryUsage() {
        return keptBytes;
    }
}
