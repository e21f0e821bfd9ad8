/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.log.ShardMapView;
import dev.millrace.shard.log.StreamTransaction;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamView;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The brokers: their shard map, and consumers that are used again. Safe to use from any thread. */
final class Pool implements AutoCloseable {

    private static final Duration MAP_WAIT = Duration.ofSeconds(20);
    private static final Duration SHARD_WAIT = Duration.ofSeconds(5);

    /** The longest that brokers allow unless they are told otherwise. */
    private static final Duration TRANSACTION_MAX = Duration.ofMinutes(15);

    /** How many consumers wait for their next scan; more are made and closed as needed. */
    private static final int IDLE_MAX = 16;

    private final MillraceConfig config;
    private final ShardMapView view;
    private final RecordCipher cipher;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final Deque<KafkaConsumer<byte[], byte[]>> idle = new ArrayDeque<>();
    private boolean started;
    private boolean closed;

    Pool(MillraceConfig config) {
        this.config = config;
        this.view = new ShardMapView(config.client());
        this.cipher =
                new RecordCipher(config.encryptionKeys(), new SecureRandom(), System::nanoTime);
    }

    RecordCipher cipher() {
        return cipher;
    }

    /** All streams and shards as they are now, or were a moment ago. */
    ShardMap map() {
        lock.lock();
        try {
            if (!started) {
                // Only now, so that Trino starts without brokers, too.
                started = true;
                view.start(MAP_WAIT);
            }
        } catch (TimeoutException e) {
            throw new TrinoException(
                    StandardErrorCode.CATALOG_UNAVAILABLE, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
        ShardMapView.Version latest = view.latest();
        if (latest.number() == 0) {
            throw new TrinoException(
                    StandardErrorCode.CATALOG_UNAVAILABLE,
                    "The shard map could not be read yet from "
                            + config.client().get("bootstrap.servers"));
        }
        return latest.map();
    }

    /** A stream that has a shard, which may have been opened just now. */
    Optional<StreamView> stream(StreamName name, ShardId having) {
        long end = System.nanoTime() + SHARD_WAIT.toNanos();
        map();
        while (true) {
            ShardMapView.Version version = view.latest();
            Optional<StreamView> stream = version.map().stream(name);
            long left = end - System.nanoTime();
            if (stream.flatMap(found -> found.shard(having)).isPresent() || left <= 0) {
                return stream;
            }
            try {
                view.awaitLaterThan(version.number(), Duration.ofNanos(left));
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    /** A consumer with no partitions, of the caller's until it is given back. */
    KafkaConsumer<byte[], byte[]> borrow() {
        lock.lock();
        try {
            KafkaConsumer<byte[], byte[]> consumer = idle.poll();
            if (consumer != null) {
                return consumer;
            }
        } finally {
            lock.unlock();
        }
        return consumer();
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        // What lives only shortly is not copied by the garbage collector: few records at a time.
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 2 << 20);
        // Ranges that are read exist. A fetch behind their end would hold up, on the one connection
        // to a broker, whatever the consumer's next borrower asks for.
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 5);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 << 20);
        properties.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, 1 << 20);
        properties.putAll(config.client());
        return withOwnLoader(() ->
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /** Begins to write, in a transaction of nobody else. */
    StreamTransaction transaction() {
        map();
        Map<String, Object> properties = new HashMap<>();
        properties.put(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG, "millrace.insert." + UUID.randomUUID());
        properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION_MAX.toMillis());
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 11 << 20);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 30_000);
        properties.putAll(config.client());
        KafkaProducer<byte[], byte[]> producer =
                withOwnLoader(() ->
                        new KafkaProducer<>(
                                properties, new ByteArraySerializer(), new ByteArraySerializer()));
        StreamTransaction transaction = new StreamTransaction(producer, consumer(), view, cipher);
        try {
            transaction.takeOver();
            return transaction;
        } catch (KafkaException e) {
            transaction.close();
            throw e;
        }
    }

    /** Kafka finds its classes by the thread's loader, which is the server's on its threads. */
    private static <T> T withOwnLoader(Supplier<T> made) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(Pool.class.getClassLoader());
        try {
            return made.get();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    void giveBack(KafkaConsumer<byte[], byte[]> consumer) {
        consumer.assign(List.of());
        lock.lock();
        try {
            if (!closed && idle.size() < IDLE_MAX) {
                idle.push(consumer);
                return;
            }
        } finally {
            lock.unlock();
        }
        consumer.close();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            idle.forEach(KafkaConsumer::close);
            idle.clear();
        } finally {
            lock.unlock();
        }
        try {
            view.close();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static TrinoException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new TrinoException(
                StandardErrorCode.GENERIC_INTERNAL_ERROR, "Stopped while it waited", e);
    }
}
