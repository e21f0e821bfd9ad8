/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Entry;
import dev.millrace.broker.record.RecordLog.Partition;
import dev.millrace.broker.record.Tail.Chunk;
import dev.millrace.shard.StreamId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer follows all partitions of the gateway that are read at their ends. A partition that
 * nobody has read for a while is let go, and so are those of a stream that goes: a consumer asks
 * for a topic that is no more again and again, and complains each time.
 */
final class KafkaTails implements Tails {

    private static final Logger log = LoggerFactory.getLogger(KafkaTails.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(500);

    /**
     * @param partitionsMax how many partitions are followed at most
     * @param bytesMax how many bytes of records are kept at most
     * @param idleMax how long a partition is followed that nobody reads
     */
    record Settings(int partitionsMax, long bytesMax, Duration idleMax) {}

    private final Supplier<Consumer<ByteBuffer, ByteBuffer>> consumers;
    private final Predicate<StreamId> isThere;
    private final Settings settings;
    private final Map<Partition, Tail> tails = new ConcurrentHashMap<>();
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock: opened and not yet assigned, with the offset to begin at.
    private final Map<Partition, Long> opened = new HashMap<>();
    // Guarded by lock; null until the first partition is opened, so that an idle gateway has none.
    private @org.jspecify.annotations.Nullable Consumer<ByteBuffer, ByteBuffer> consumer;
    private boolean started;
    private boolean closed;

    // The thread's own.
    private final Map<TopicPartition, Partition> assigned = new HashMap<>();
    private final Deque<Kept> kept = new ArrayDeque<>();
    private long keptBytes;
    private long sweptAtNanos = System.nanoTime();

    private record Kept(Tail tail, Chunk chunk) {}

    /**
     * @param consumers makes a consumer that has no group and no partitions
     * @param isThere whether a stream is there, and is to stay
     */
    KafkaTails(
            Supplier<Consumer<ByteBuffer, ByteBuffer>> consumers,
            Predicate<StreamId> isThere,
            Settings settings) {
        this.consumers = consumers;
        this.isThere = isThere;
        this.settings = settings;
        this.thread = Thread.ofPlatform().name("tails").daemon().unstarted(this::run);
    }

    @Override
    public Optional<Tail> find(Partition partition) {
        return Optional.ofNullable(tails.get(partition));
    }

    @Override
    public Optional<Tail> open(Partition partition, long offset) {
        lock.lock();
        try {
            Tail known = tails.get(partition);
            if (known != null) {
                return Optional.of(known);
            }
            if (closed
                    || tails.size() >= settings.partitionsMax()
                    || !isThere.test(partition.stream())) {
                return Optional.empty();
            }
            Tail tail = new Tail(offset, System.nanoTime());
            tails.put(partition, tail);
            opened.put(partition, offset);
            if (!started) {
                started = true;
                thread.start();
            }
            if (consumer != null) {
                consumer.wakeup();
            }
            return Optional.of(tail);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        boolean wait;
        lock.lock();
        try {
            closed = true;
            wait = started;
            if (consumer != null) {
                consumer.wakeup();
            }
        } finally {
            lock.unlock();
        }
        tails.values().forEach(Tail::close);
        if (wait) {
            try {
                thread.join(POLL.plusSeconds(5));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run() {
        try (Consumer<ByteBuffer, ByteBuffer> own = consumers.get()) {
            lock.lock();
            try {
                consumer = own;
            } finally {
                lock.unlock();
            }
            while (!isClosed()) {
                step(own);
            }
        } catch (RuntimeException e) {
            log.error("Nothing is followed any more, readers go to Kafka by themselves", e);
        } finally {
            end();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            closed = true;
            consumer = null;
        } finally {
            lock.unlock();
        }
        tails.values().forEach(Tail::close);
        tails.clear();
    }

    private void step(Consumer<ByteBuffer, ByteBuffer> own) {
        try {
            sweep(own);
            assignOpened(own);
            if (assigned.isEmpty()) {
                Thread.sleep(SWEEP_EVERY.toMillis() / 100);
                return;
            }
            add(own, own.poll(POLL));
        } catch (WakeupException _) {
            // Something was opened.
        } catch (OffsetOutOfRangeException e) {
            letGo(own, e.partitions());
        } catch (KafkaException e) {
            log.warn("Cannot follow {} partitions for now: {}", assigned.size(), e.toString());
            pause();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            pause();
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException _) {
            lock.lock();
            try {
                closed = true;
            } finally {
                lock.unlock();
            }
        }
    }

    private void assignOpened(Consumer<ByteBuffer, ByteBuffer> own) {
        Map<Partition, Long> taken;
        lock.lock();
        try {
            if (opened.isEmpty()) {
                return;
            }
            taken = new HashMap<>(opened);
            opened.clear();
        } finally {
            lock.unlock();
        }
        // A stream that was made anew: what is followed of the old one goes first.
        List<TopicPartition> stale =
                taken.keySet().stream()
                        .map(KafkaTails::topicPartition)
                        .filter(assigned::containsKey)
                        .toList();
        if (!stale.isEmpty()) {
            letGo(own, new HashSet<>(stale));
        }
        taken.keySet().forEach(partition -> assigned.put(topicPartition(partition), partition));
        own.assign(assigned.keySet());
        taken.forEach((partition, offset) -> own.seek(topicPartition(partition), offset));
    }

    private void add(
            Consumer<ByteBuffer, ByteBuffer> own, ConsumerRecords<ByteBuffer, ByteBuffer> records) {
        for (TopicPartition topicPartition : records.partitions()) {
            Partition partition = assigned.get(topicPartition);
            Tail tail = partition == null ? null : tails.get(partition);
            if (tail != null) {
                add(tail, chunk(records.records(topicPartition), own.position(topicPartition)));
            }
        }
        // Marks of transactions come without records.
        records.nextOffsets()
                .forEach((topicPartition, next) -> {
                    Partition partition = assigned.get(topicPartition);
                    Tail tail = partition == null ? null : tails.get(partition);
                    if (tail != null) {
                        tail.advanceTo(next.offset());
                    }
                });
        while (keptBytes > settings.bytesMax() && !kept.isEmpty()) {
            Kept oldest = kept.removeFirst();
            keptBytes -= oldest.chunk().bytes();
            oldest.tail().drop(oldest.chunk());
        }
    }

    private void add(Tail tail, Chunk chunk) {
        kept.addLast(new Kept(tail, chunk));
        keptBytes += chunk.bytes();
        tail.add(chunk);
    }

    private static Chunk chunk(
            List<ConsumerRecord<ByteBuffer, ByteBuffer>> records, long position) {
        List<Entry> entries = new ArrayList<>(records.size());
        long bytes = 0;
        for (ConsumerRecord<ByteBuffer, ByteBuffer> record : records) {
            Entry entry = PooledReader.entry(record);
            entries.add(entry);
            bytes += entry.size() + Entry.OVERHEAD_BYTES;
        }
        long last = entries.getLast().offset() + 1;
        // More of the same fetch may be about to come, so the position may stand at the last one.
        return new Chunk(entries, entries.getFirst().offset(), Math.max(last, position), bytes);
    }

    private void sweep(Consumer<ByteBuffer, ByteBuffer> own) {
        long now = System.nanoTime();
        if (now - sweptAtNanos < SWEEP_EVERY.toNanos()) {
            return;
        }
        sweptAtNanos = now;
        Set<TopicPartition> done = new HashSet<>();
        assigned.forEach((topicPartition, partition) -> {
            Tail tail = tails.get(partition);
            if (tail == null
                    || tail.idle(now).compareTo(settings.idleMax()) > 0
                    || !isThere.test(partition.stream())) {
                done.add(topicPartition);
            }
        });
        if (!done.isEmpty()) {
            letGo(own, done);
        }
    }

    private void letGo(Consumer<ByteBuffer, ByteBuffer> own, Set<TopicPartition> gone) {
        for (TopicPartition topicPartition : gone) {
            Partition partition = assigned.remove(topicPartition);
            Tail tail = partition == null ? null : tails.remove(partition);
            if (tail != null) {
                tail.close();
            }
        }
        own.assign(assigned.keySet());
        kept.removeIf(this::isLetGo);
    }

    private boolean isLetGo(Kept one) {
        if (tails.containsValue(one.tail())) {
            return false;
        }
        keptBytes -= one.chunk().bytes();
        return true;
    }

    private static TopicPartition topicPartition(Partition partition) {
        return new TopicPartition(partition.topic(), partition.index());
    }
}
