/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Entry;
import dev.millrace.broker.record.RecordLog.Partition;
import dev.millrace.shard.encryption.RecordCipher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * One consumer of a {@link PooledRecordLog}, with what it fetched ahead. Used by one thread at a
 * time; what a read leaves over waits for the next read that goes on from there.
 */
final class PooledReader implements AutoCloseable {

    /** How long Kafka may take to hand out records that are known to be there. */
    private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(10);

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Consumer<ByteBuffer, ByteBuffer> consumer;
    private final Deque<Entry> fetched = new ArrayDeque<>();
    private Optional<Partition> assigned = Optional.empty();
    private long position;

    PooledReader(Consumer<ByteBuffer, ByteBuffer> consumer) {
        this.consumer = consumer;
    }

    /** Whether it can go on from here with what it has fetched ahead. */
    boolean standsAt(Partition partition, long offset) {
        return position == offset && assigned.filter(partition::equals).isPresent();
    }

    Batch read(Partition partition, long from, long to, int recordsMax, int bytesMax) {
        moveTo(partition, from);
        List<Entry> entries = new ArrayList<>();
        int bytes = 0;
        // Asked once: a reader that is slower than the writers must not chase a moving end.
        long end = -1;
        while (entries.size() < recordsMax && position < to) {
            if (fetched.isEmpty()) {
                // Behind the last record there may have been marks of transactions.
                position = Math.max(position, consumer.position(topicPartition(partition)));
                if (end < 0) {
                    end = endAhead(partition);
                }
                if (position >= end || bytes >= bytesMax) {
                    break;
                }
                fetch(partition);
                continue;
            }
            Entry next = fetched.element();
            boolean full = !entries.isEmpty() && bytes + next.size() > bytesMax;
            if (next.offset() >= to || full) {
                break;
            }
            entries.add(fetched.remove());
            bytes += next.size();
            position = next.offset() + 1;
        }
        return new Batch(
                entries, position, Math.max(end < 0 ? endAhead(partition) : end, position));
    }

    long beginOffset(Partition partition) {
        TopicPartition topicPartition = topicPartition(partition);
        return Objects.requireNonNull(
                consumer.beginningOffsets(List.of(topicPartition)).get(topicPartition));
    }

    long endOffset(Partition partition) {
        TopicPartition topicPartition = topicPartition(partition);
        return Objects.requireNonNull(
                consumer.endOffsets(List.of(topicPartition)).get(topicPartition));
    }

    long offsetForTime(Partition partition, Instant time) {
        TopicPartition topicPartition = topicPartition(partition);
        // Kafka knows no time before 1970, and no record is from then.
        long millis = Math.max(0, time.toEpochMilli());
        OffsetAndTimestamp found =
                consumer.offsetsForTimes(Map.of(topicPartition, millis)).get(topicPartition);
        return found == null ? endOffset(partition) : found.offset();
    }

    @Override
    public void close() {
        consumer.close();
    }

    private void moveTo(Partition partition, long offset) {
        if (standsAt(partition, offset)) {
            return;
        }
        fetched.clear();
        TopicPartition topicPartition = topicPartition(partition);
        if (!assigned.filter(partition::equals).isPresent()) {
            // Without this, what was fetched of a deleted topic of the same name would stay.
            consumer.unsubscribe();
            consumer.assign(List.of(topicPartition));
            assigned = Optional.of(partition);
        }
        consumer.seek(topicPartition, offset);
        position = offset;
    }

    /**
     * The end of the partition. What the last fetch told suffices while more is known to be there;
     * only at the tip Kafka is asked, because a poll would wait for a record there.
     */
    private long endAhead(Partition partition) {
        OptionalLong lag = consumer.currentLag(topicPartition(partition));
        if (lag.isPresent() && lag.getAsLong() > 0) {
            return consumer.position(topicPartition(partition)) + lag.getAsLong();
        }
        return endOffset(partition);
    }

    private void fetch(Partition partition) {
        try {
            for (ConsumerRecord<ByteBuffer, ByteBuffer> record : consumer.poll(FETCH_TIMEOUT)) {
                fetched.add(entry(record));
            }
        } catch (OffsetOutOfRangeException _) {
            position = Math.max(position, beginOffset(partition));
            consumer.seek(topicPartition(partition), position);
            return;
        }
        if (fetched.isEmpty()) {
            // Nothing but marks of transactions lay there.
            position = Math.max(position, consumer.position(topicPartition(partition)));
        }
    }

    static Entry entry(ConsumerRecord<ByteBuffer, ByteBuffer> record) {
        return new Entry(
                record.offset(),
                record.timestamp(),
                record.key() == null ? NOTHING : record.key(),
                record.value() == null ? NOTHING : record.value(),
                envelope(record));
    }

    private static byte @Nullable [] envelope(ConsumerRecord<ByteBuffer, ByteBuffer> record) {
        Header header = record.headers().lastHeader(RecordCipher.HEADER);
        return header == null ? null : header.value();
    }

    private static TopicPartition topicPartition(Partition partition) {
        return new TopicPartition(partition.topic(), partition.index());
    }
}
