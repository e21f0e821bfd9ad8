/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Entry;
import dev.millrace.broker.record.RecordLog.Partition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link RecordLog} does. */
@Timeout(60)
abstract class RecordLogContract {

    private static final int MIB = 1024 * 1024;

    abstract RecordLog log();

    /** A new, empty partition. */
    abstract Partition newPartition() throws Exception;

    /** Appends one record. */
    abstract void append(Partition partition, long timestampMillis, String key, byte[] value)
            throws Exception;

    /** Deletes the records before an offset, as retention does. */
    abstract void deleteBefore(Partition partition, long offset) throws Exception;

    @Test
    void anEmptyPartitionAnswersAtOnceWithNothing() throws Exception {
        Partition partition = newPartition();
        long started = System.nanoTime();

        Batch batch = log().read(partition, 0, Long.MAX_VALUE, 100, MIB);

        assertThat(batch.entries()).isEmpty();
        assertThat(batch.nextOffset()).isZero();
        assertThat(batch.endOffset()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void givesKeysValuesTimesAndOffsets() throws Exception {
        Partition partition = newPartition();
        append(partition, 1_000, "käse", new byte[] {1, 2});
        append(partition, 2_000, "b", new byte[0]);

        Batch batch = log().read(partition, 0, Long.MAX_VALUE, 100, MIB);

        assertThat(batch.entries())
                .extracting(Entry::offset, Entry::timestampMillis, Entry::key)
                .containsExactly(tuple(0L, 1_000L, "käse"), tuple(1L, 2_000L, "b"));
        assertThat(batch.entries().getFirst().value()).containsExactly(1, 2);
        assertThat(batch.entries().getLast().value()).isEmpty();
        assertThat(entry(batch.nextOffset(), batch.endOffset())).isEqualTo(entry(2L, 2L));
    }

    @Test
    void readsOnInStepsAndSeesWhatIsAppendedMeanwhile() throws Exception {
        Partition partition = newPartition();
        appendNumbered(partition, 0, 25);
        List<Long> seen = new ArrayList<>();
        long next = 0;
        for (int i = 0; i < 3; i++) {
            Batch batch = log().read(partition, next, Long.MAX_VALUE, 10, MIB);
            batch.entries().forEach(e -> seen.add(e.offset()));
            next = batch.nextOffset();
        }
        assertThat(next).isEqualTo(25);
        assertThat(log().read(partition, next, Long.MAX_VALUE, 10, MIB).entries()).isEmpty();

        appendNumbered(partition, 25, 3);
        Batch last = log().read(partition, next, Long.MAX_VALUE, 10, MIB);
        last.entries().forEach(e -> seen.add(e.offset()));

        assertThat(seen)
                .containsExactlyElementsOf(IntStream.range(0, 28).mapToObj(i -> (long) i).toList());
    }

    @Test
    void stopsBeforeTheGivenEnd() throws Exception {
        Partition partition = newPartition();
        appendNumbered(partition, 0, 10);

        Batch batch = log().read(partition, 2, 5, 100, MIB);

        assertThat(batch.entries()).extracting(Entry::offset).containsExactly(2L, 3L, 4L);
        assertThat(batch.nextOffset()).isEqualTo(5);
    }

    @Test
    void keepsToTheBytesAskedForButGivesOneAtLeast() throws Exception {
        Partition partition = newPartition();
        append(partition, 1, "k", new byte[600]);
        append(partition, 1, "k", new byte[600]);
        append(partition, 1, "k", new byte[5_000]);
        append(partition, 1, "k", new byte[1]);

        assertThat(log().read(partition, 0, Long.MAX_VALUE, 100, 1_202).entries()).hasSize(2);
        assertThat(log().read(partition, 0, Long.MAX_VALUE, 100, 1_201).entries()).hasSize(1);
        assertThat(log().read(partition, 2, Long.MAX_VALUE, 100, 10).entries()).hasSize(1);
        assertThat(log().read(partition, 3, Long.MAX_VALUE, 100, 10).entries()).hasSize(1);
    }

    @Test
    void movesUpToTheFirstRecordThatIsKept() throws Exception {
        Partition partition = newPartition();
        appendNumbered(partition, 0, 10);
        deleteBefore(partition, 4);

        Batch batch = log().read(partition, 1, Long.MAX_VALUE, 2, MIB);

        assertThat(log().beginOffset(partition)).isEqualTo(4);
        assertThat(batch.entries()).extracting(Entry::offset).containsExactly(4L, 5L);
        assertThat(batch.nextOffset()).isEqualTo(6);
    }

    @Test
    void findsOffsetsByTime() throws Exception {
        Partition partition = newPartition();
        append(partition, 1_000, "k", new byte[1]);
        append(partition, 2_000, "k", new byte[1]);
        append(partition, 3_000, "k", new byte[1]);

        assertThat(log().offsetForTime(partition, Instant.ofEpochMilli(-1_000))).isZero();
        assertThat(log().offsetForTime(partition, Instant.ofEpochMilli(0))).isZero();
        assertThat(log().offsetForTime(partition, Instant.ofEpochMilli(1_001))).isEqualTo(1);
        assertThat(log().offsetForTime(partition, Instant.ofEpochMilli(3_000))).isEqualTo(2);
        assertThat(log().offsetForTime(partition, Instant.ofEpochMilli(3_001))).isEqualTo(3);
        assertThat(log().endOffset(partition)).isEqualTo(3);
    }

    @Test
    void followingGivesWhatIsThereAtOnce() throws Exception {
        Partition partition = newPartition();
        appendNumbered(partition, 0, 3);
        long started = System.nanoTime();

        Batch batch = log().follow(partition, 1, Long.MAX_VALUE, 100, MIB, Duration.ofSeconds(20));

        assertThat(batch.entries()).extracting(Entry::offset).containsExactly(1L, 2L);
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void followingWaitsForTheNextRecord() throws Exception {
        Partition partition = newPartition();
        appendNumbered(partition, 0, 2);
        CompletableFuture<Batch> next =
                CompletableFuture.supplyAsync(() ->
                        log().follow(
                                        partition,
                                        2,
                                        Long.MAX_VALUE,
                                        100,
                                        MIB,
                                        Duration.ofSeconds(30)));
        Thread.sleep(300);
        assertThat(next).isNotDone();

        append(partition, 1_002, "k2", new byte[1]);

        assertThat(next.get(20, TimeUnit.SECONDS).entries())
                .extracting(Entry::offset)
                .containsExactly(2L);
    }

    @Test
    void followingEndsWithoutRecords() throws Exception {
        Partition partition = newPartition();
        appendNumbered(partition, 0, 2);

        Batch none = log().follow(partition, 2, Long.MAX_VALUE, 10, MIB, Duration.ofMillis(200));
        Batch closed = log().follow(partition, 0, 2, 10, MIB, Duration.ofSeconds(20));

        assertThat(none.entries()).isEmpty();
        assertThat(none.nextOffset()).isEqualTo(2);
        assertThat(closed.entries()).hasSize(2);
    }

    private void appendNumbered(Partition partition, int first, int count) throws Exception {
        for (int i = first; i < first + count; i++) {
            append(partition, 1_000 + i, "k" + i, new byte[] {(byte) i});
        }
    }
}
