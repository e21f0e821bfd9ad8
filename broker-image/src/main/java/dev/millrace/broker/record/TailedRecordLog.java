/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A log whose ends are read once for all readers: who is at the end of a partition reads from a
 * {@link Tail}, who is behind reads from the log and gets there.
 */
final class TailedRecordLog implements RecordLog {

    /**
     * A read that found the end further on fetches by itself after this long. The tail is there
     * within a millisecond or two, unless the machine is busy; and then a fetch for each of its
     * readers makes it busier.
     */
    private static final Duration TAIL_WITHIN = Duration.ofMillis(100);

    /** How often a partition is asked that could not be followed. */
    private static final Duration ASK_EVERY = Duration.ofMillis(25);

    private final RecordLog log;
    private final Tails tails;

    TailedRecordLog(RecordLog log, Tails tails) {
        this.log = log;
        this.tails = tails;
    }

    @Override
    public Batch read(Partition partition, long from, long to, int recordsMax, int bytesMax) {
        Optional<Tail> tail = tails.find(partition).filter(t -> t.covers(from));
        if (tail.isPresent()) {
            Optional<Batch> batch = atTip(tail.get(), partition, from, to, recordsMax, bytesMax);
            if (batch.isPresent()) {
                return batch.get();
            }
        }
        Batch batch = log.read(partition, from, to, recordsMax, bytesMax);
        if (batch.nextOffset() >= batch.endOffset() && batch.nextOffset() < to) {
            tails.open(partition, batch.nextOffset());
        }
        return batch;
    }

    /**
     * What the tail has, or nothing if the partition ends here. What was acknowledged before the
     * read began is part of it, so the end is asked of Kafka where the tail has nothing.
     *
     * @return none if the tail is not there in time
     */
    private Optional<Batch> atTip(
            Tail tail, Partition partition, long from, long to, int recordsMax, int bytesMax) {
        Optional<Batch> batch = tail.read(from, to, recordsMax, bytesMax);
        if (batch.isEmpty() || !batch.get().entries().isEmpty()) {
            return batch;
        }
        long end = log.endOffset(partition);
        if (end <= batch.get().nextOffset()) {
            return batch;
        }
        return tail.await(end, TAIL_WITHIN)
                ? tail.read(from, to, recordsMax, bytesMax)
                : Optional.empty();
    }

    @Override
    public Batch follow(
            Partition partition, long from, long to, int recordsMax, int bytesMax, Duration wait) {
        if (wait.isZero()) {
            return read(partition, from, to, recordsMax, bytesMax);
        }
        long deadline = System.nanoTime() + wait.toNanos();
        long position = from;
        while (true) {
            Optional<Tail> tail = tails.find(partition);
            long at = position;
            Optional<Batch> kept = tail.flatMap(t -> t.read(at, to, recordsMax, bytesMax));
            Batch batch = kept.orElseGet(() -> log.read(partition, at, to, recordsMax, bytesMax));
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            if (!batch.entries().isEmpty()
                    || batch.nextOffset() >= to
                    || left.isNegative()
                    || Thread.currentThread().isInterrupted()) {
                return batch;
            }
            position = batch.nextOffset();
            Optional<Tail> followed = tails.open(partition, position);
            if (followed.isEmpty()) {
                return pause(partition, batch, left);
            }
            followed.get().await(position + 1, left);
        }
    }

    /** As many partitions are followed as can be: this one is asked for now and then. */
    private Batch pause(Partition partition, Batch batch, Duration left) {
        try {
            Thread.sleep(left.compareTo(ASK_EVERY) < 0 ? left : ASK_EVERY);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return new Batch(
                List.of(),
                batch.nextOffset(),
                Math.max(batch.endOffset(), log.endOffset(partition)));
    }

    @Override
    public long beginOffset(Partition partition) {
        return log.beginOffset(partition);
    }

    @Override
    public long endOffset(Partition partition) {
        return log.endOffset(partition);
    }

    @Override
    public long offsetForTime(Partition partition, Instant time) {
        return log.offsetForTime(partition, time);
    }
}
