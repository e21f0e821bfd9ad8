/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.topic;

import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.KeyedRecord;
import dev.millrace.delivery.batch.RefusingDestination;
import dev.millrace.delivery.batch.SealedBatch;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the records of batches, in order, to a topic, with their partition keys as keys. A batch
 * that is tried again is sent again as a whole: each record is there at least once.
 */
public final class TopicDestination implements RefusingDestination {

    private static final int REQUEST_BYTES_MAX = 16 << 20;

    private final TopicSettings settings;

    /** Of batches that are not settled, the records that the topic will never take. */
    private final ConcurrentMap<BatchId, List<Integer>> refused = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock; made with the first batch, and anew after it failed for good.
    private @Nullable KafkaProducer<byte[], byte[]> producer;

    public TopicDestination(TopicSettings settings) {
        this.settings = settings;
    }

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return id.toString();
    }

    @Override
    public boolean isOrdered(BufferKey key) {
        return true;
    }

    @Override
    public String errorType() {
        return "kafka-failed";
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        try {
            KafkaProducer<byte[], byte[]> to = producer();
            List<Future<RecordMetadata>> sent = new ArrayList<>(batch.payload().count());
            batch.payload()
                    .forEachRecord((_, _, _, data) -> {
                        KeyedRecord record = KeyedRecord.split(data);
                        sent.add(
                                to.send(
                                        new ProducerRecord<>(
                                                settings.topic(),
                                                record.key().length == 0 ? null : record.key(),
                                                record.data())));
                    });
            to.flush();
            List<Integer> tooLarge = new ArrayList<>();
            for (int i = 0; i < sent.size(); i++) {
                if (isTooLarge(sent.get(i))) {
                    tooLarge.add(i);
                }
            }
            if (!tooLarge.isEmpty()) {
                refused.put(batch.descriptor().id(), tooLarge);
                throw DeliveryException.permanent(
                        "Kafka.RecordTooLarge", "The topic takes no records of this size");
            }
        } catch (ExecutionException e) {
            drop();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new DeliveryException("Kafka.SendFailed", cause.toString(), cause);
        } catch (InterruptedException | InterruptException e) {
            Thread.currentThread().interrupt();
            throw new DeliveryException("Kafka.SendFailed", "stopped", e);
        } catch (KafkaException e) {
            drop();
            throw new DeliveryException("Kafka.SendFailed", e.toString(), e);
        } catch (IOException e) {
            throw new DeliveryException("Kafka.NoCredentials", e.toString(), e);
        }
    }

    @Override
    public List<ErrorLine> undelivered(
            SealedBatch batch, DeliveryException why, int attempts, Instant now)
            throws DeliveryException {
        List<ErrorLine> all = RefusingDestination.super.undelivered(batch, why, attempts, now);
        List<Integer> tooLarge = refused.get(batch.descriptor().id());
        List<ErrorLine> left = tooLarge == null ? all : tooLarge.stream().map(all::get).toList();
        return left.stream()
                .map(line ->
                        new ErrorLine(
                                line.errorType(),
                                line.attempts(),
                                line.arrival(),
                                line.code(),
                                line.message(),
                                line.ended(),
                                KeyedRecord.split(line.raw()).data(),
                                line.more()))
                .toList();
    }

    @Override
    public void forget(BatchId id) {
        refused.remove(id);
    }

    /** Whether it is; another failure of it is thrown. */
    private static boolean isTooLarge(Future<RecordMetadata> sent)
            throws ExecutionException, InterruptedException {
        try {
            sent.get();
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                return true;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        drop();
    }

    private KafkaProducer<byte[], byte[]> producer() throws IOException {
        lock.lock();
        try {
            if (producer == null) {
                producer =
                        new KafkaProducer<>(
                                properties(), new ByteArraySerializer(), new ByteArraySerializer());
            }
            return producer;
        } finally {
            lock.unlock();
        }
    }

    private void drop() {
        lock.lock();
        try {
            if (producer != null) {
                producer.close(Duration.ofSeconds(2));
            }
            producer = null;
        } finally {
            lock.unlock();
        }
    }

    private Map<String, Object> properties() throws IOException {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_BYTES_MAX);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 30_000);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
        if (settings.properties().isPresent()) {
            Properties user = new Properties();
            user.load(new StringReader(settings.properties().get().require("client.properties")));
            user.forEach((key, value) -> properties.put(key.toString(), value));
        }
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        return properties;
    }
}
