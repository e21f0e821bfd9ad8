/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Entry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The newest records of one partition. One thread adds to it; any number of readers take from it
 * and wait for more. What is dropped from its front is still in Kafka.
 */
final class Tail {

    /** What came at once, so that dropping is cheap. */
    record Chunk(List<Entry> entries, long from, long next, long bytes) {
        Chunk {
            entries = List.copyOf(entries);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // All guarded by lock.
    private final Deque<Chunk> chunks = new ArrayDeque<>();
    private long begin;
    private long next;
    private boolean closed;
    private long usedAtNanos;

    /**
     * @param offset the offset of the first record that it is going to have
     */
    Tail(long offset, long nowNanos) {
        this.begin = offset;
        this.next = offset;
        this.usedAtNanos = nowNanos;
    }

    /** Whether reading from an offset is for the tail: it has what is there, or will have it. */
    boolean covers(long offset) {
        lock.lock();
        try {
            return !closed && offset >= begin;
        } finally {
            lock.unlock();
        }
    }

    /** The offset behind the last record that it has. */
    long next() {
        lock.lock();
        try {
            return next;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records from an offset on.
     *
     * @return none if it is not covered
     */
    Optional<Batch> read(long from, long to, int recordsMax, int bytesMax) {
        lock.lock();
        try {
            usedAtNanos = System.nanoTime();
            if (closed || from < begin) {
                return Optional.empty();
            }
            return Optional.of(collect(from, to, recordsMax, bytesMax));
        } finally {
            lock.unlock();
        }
    }

    private Batch collect(long from, long to, int recordsMax, int bytesMax) {
        List<Entry> entries = new ArrayList<>();
        long position = from;
        int bytes = 0;
        for (Chunk chunk : chunks) {
            if (chunk.next() <= from) {
                continue;
            }
            for (Entry entry : chunk.entries()) {
                if (entry.offset() < from) {
                    continue;
                }
                boolean full = !entries.isEmpty() && bytes + entry.size() > bytesMax;
                if (entries.size() >= recordsMax || full || entry.offset() >= to) {
                    return new Batch(entries, position, Math.max(next, position));
                }
                entries.add(entry);
                bytes += entry.size();
                position = entry.offset() + 1;
            }
            // Behind the last record there may be marks of transactions.
            position = Math.max(position, Math.min(to, chunk.next()));
        }
        position = Math.max(position, Math.min(to, next));
        return new Batch(entries, position, Math.max(next, position));
    }

    /**
     * Waits until it has records up to an offset, is closed, or the time is over.
     *
     * @return whether it has
     */
    boolean await(long offset, Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!closed && next < offset && left > 0) {
                usedAtNanos = System.nanoTime();
                left = changed.awaitNanos(left);
            }
            return next >= offset;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Adds what came, and wakes who waits for it. */
    void add(Chunk chunk) {
        lock.lock();
        try {
            chunks.addLast(chunk);
            next = chunk.next();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Everything before an offset came; behind the last record there was none. */
    void advanceTo(long offset) {
        lock.lock();
        try {
            if (offset > next) {
                next = offset;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops the oldest chunk, if it is still that one. */
    void drop(Chunk oldest) {
        lock.lock();
        try {
            if (chunks.peekFirst() == oldest) {
                chunks.removeFirst();
                begin = oldest.next();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How long nobody has read from it. */
    Duration idle(long nowNanos) {
        lock.lock();
        try {
            return Duration.ofNanos(nowNanos - usedAtNanos);
        } finally {
            lock.unlock();
        }
    }

    /** Nobody gets anything from it any more; who waits goes on without it. */
    void close() {
        lock.lock();
        try {
            closed = true;
            Iterator<Chunk> all = chunks.iterator();
            while (all.hasNext()) {
                all.next();
                all.remove();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
