/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.wire.UnavailableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;

/**
 * Reads records from Kafka through a bounded pool of consumers. A call takes the consumer that
 * stands where it wants to read, so that a reader that goes on gets what was fetched ahead; others
 * take the one that was idle for longest.
 */
final class PooledRecordLog implements RecordLog, AutoCloseable {

    private final Supplier<Consumer<ByteBuffer, ByteBuffer>> consumers;
    private final Semaphore permits;
    private final Duration waitMax;

    private final ReentrantLock lock = new ReentrantLock();
    // Idle readers, longest idle first. Guarded by lock.
    private final LinkedList<PooledReader> idle = new LinkedList<>();
    // Guarded by lock.
    private boolean closed;

    /**
     * @param consumers makes a consumer that has no group and no partitions
     * @param readersMax how many consumers there may be, and so how many calls at once
     * @param waitMax how long a call waits for one
     */
    PooledRecordLog(
            Supplier<Consumer<ByteBuffer, ByteBuffer>> consumers,
            int readersMax,
            Duration waitMax) {
        this.consumers = consumers;
        this.permits = new Semaphore(readersMax, true);
        this.waitMax = waitMax;
    }

    @Override
    public Batch read(Partition partition, long from, long to, int recordsMax, int bytesMax) {
        return with(
                partition, from, reader -> reader.read(partition, from, to, recordsMax, bytesMax));
    }

    /** Nobody is told of a new record, so that this does not wait: {@link TailedRecordLog} does. */
    @Override
    public Batch follow(
            Partition partition, long from, long to, int recordsMax, int bytesMax, Duration wait) {
        return read(partition, from, to, recordsMax, bytesMax);
    }

    @Override
    public long beginOffset(Partition partition) {
        return with(partition, -1, reader -> reader.beginOffset(partition));
    }

    @Override
    public long endOffset(Partition partition) {
        return with(partition, -1, reader -> reader.endOffset(partition));
    }

    @Override
    public long offsetForTime(Partition partition, Instant time) {
        return with(partition, -1, reader -> reader.offsetForTime(partition, time));
    }

    /** Closes the idle consumers now and the others when their calls end. */
    @Override
    public void close() {
        List<PooledReader> closing;
        lock.lock();
        try {
            closed = true;
            closing = new ArrayList<>(idle);
            idle.clear();
        } finally {
            lock.unlock();
        }
        closing.forEach(PooledReader::close);
    }

    private <T> T with(Partition partition, long from, Function<PooledReader, T> call) {
        acquirePermit(partition);
        PooledReader reader = null;
        boolean good = false;
        try {
            reader = take(partition, from);
            T result = call.apply(reader);
            good = true;
            return result;
        } catch (KafkaException e) {
            throw new UnavailableException("Cannot read " + partition, e);
        } finally {
            if (reader != null) {
                giveBack(reader, good);
            }
            permits.release();
        }
    }

    private void acquirePermit(Partition partition) {
        try {
            if (!permits.tryAcquire(waitMax.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new UnavailableException(
                        "All readers are busy, none is left for " + partition,
                        new TimeoutException());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("Interrupted before reading " + partition, e);
        }
    }

    private PooledReader take(Partition partition, long from) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The log is closed");
            }
            for (PooledReader reader : idle) {
                if (reader.standsAt(partition, from)) {
                    idle.remove(reader);
                    return reader;
                }
            }
            // Calls that do not read leave nobody's position, so they take any. A new consumer is
            // made only while idle and busy ones together stay within the bound.
            if (!idle.isEmpty() && (from < 0 || idle.size() > permits.availablePermits())) {
                return idle.removeFirst();
            }
        } finally {
            lock.unlock();
        }
        return new PooledReader(consumers.get());
    }

    private void giveBack(PooledReader reader, boolean good) {
        boolean keep;
        lock.lock();
        try {
            keep = good && !closed;
            if (keep) {
                idle.addLast(reader);
            }
        } finally {
            lock.unlock();
        }
        if (!keep) {
            reader.close();
        }
    }
}
