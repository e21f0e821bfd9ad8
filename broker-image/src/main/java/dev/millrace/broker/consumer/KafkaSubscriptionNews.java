/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.millrace.broker.shardmap.InternalTopics;
import dev.millrace.broker.shardmap.KafkaClients;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Subscriptions told through a topic of one partition. It is made, and followed, from the first
 * subscription of a gateway on. Where Kafka cannot be reached each gateway knows of its own only.
 */
public final class KafkaSubscriptionNews implements SubscriptionNews {

    private static final Logger log = LoggerFactory.getLogger(KafkaSubscriptionNews.class);
    private static final TopicPartition TOPIC = new TopicPartition("millrace.subscriptions", 0);
    private static final Duration WITHIN = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
    private static final Duration KEPT = Duration.ofHours(1);
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private final KafkaClients clients;
    private final int replication;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock, both.
    private Optional<Thread> follower = Optional.empty();
    private Optional<KafkaProducer<byte[], byte[]>> producer = Optional.empty();
    private volatile boolean stopping;

    /**
     * @param replication how many replicas the topic gets
     */
    public KafkaSubscriptionNews(String bootstrapServers, int replication) {
        this.clients = new KafkaClients(bootstrapServers);
        this.replication = replication;
    }

    @Override
    public void follow(Consumer<Item> listener) {
        CompletableFuture<Void> following = new CompletableFuture<>();
        lock.lock();
        try {
            if (stopping || follower.isPresent()) {
                return;
            }
            try (Admin admin = clients.admin()) {
                InternalTopics.ensure(admin, List.of(topic()), WITHIN);
            }
            producer = Optional.of(clients.inboxProducer());
            follower =
                    Optional.of(
                            Thread.ofPlatform()
                                    .name("subscription-news")
                                    .start(() -> run(listener, following)));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return;
        } catch (RuntimeException e) {
            log.warn("Subscriptions of other gateways are not known of", e);
            return;
        } finally {
            lock.unlock();
        }
        await(following);
    }

    private NewTopic topic() {
        return new NewTopic(TOPIC.topic(), 1, (short) replication)
                .configs(
                        Map.of(
                                TopicConfig.RETENTION_MS_CONFIG,
                                String.valueOf(KEPT.toMillis()),
                                TopicConfig.SEGMENT_MS_CONFIG,
                                String.valueOf(KEPT.toMillis()),
                                TopicConfig.SEGMENT_BYTES_CONFIG,
                                String.valueOf(8 << 20)));
    }

    private static void await(CompletableFuture<Void> following) {
        try {
            following.get(WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("Subscriptions of other gateways are known of later: {}", e.toString());
        }
    }

    private void run(Consumer<Item> listener, CompletableFuture<Void> following) {
        while (!stopping) {
            try (KafkaConsumer<byte[], byte[]> consumer = clients.follower()) {
                consumer.assign(List.of(TOPIC));
                consumer.seekToEnd(List.of(TOPIC));
                consumer.position(TOPIC);
                following.complete(null);
                while (!stopping) {
                    consumer.poll(POLL)
                            .forEach(record -> decode(record.value()).ifPresent(listener));
                }
            } catch (InterruptException _) {
                return;
            } catch (RuntimeException e) {
                log.warn("Subscriptions of other gateways are not known of for now", e);
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException _) {
            stopping = true;
            Thread.currentThread().interrupt();
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the callback tells
    public void tell(Item item) {
        Optional<KafkaProducer<byte[], byte[]>> out;
        lock.lock();
        try {
            out = producer;
        } finally {
            lock.unlock();
        }
        try {
            out.ifPresent(some ->
                    some.send(
                            new ProducerRecord<>(
                                    TOPIC.topic(), TOPIC.partition(), null, encode(item)),
                            (_, failure) -> {
                                if (failure != null) {
                                    log.warn("Other gateways do not know of {}", item, failure);
                                }
                            }));
        } catch (RuntimeException e) {
            log.warn("Other gateways do not know of {}", item, e);
        }
    }

    private static byte[] encode(Item item) {
        try {
            return JSON.writeValueAsBytes(item);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write " + item, e);
        }
    }

    private static Optional<Item> decode(byte[] value) {
        try {
            return Optional.of(JSON.readValue(value, Item.class));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        stopping = true;
        lock.lock();
        try {
            if (follower.isPresent()) {
                follower.get().join(WITHIN);
            }
            producer.ifPresent(some -> some.close(WITHIN));
            producer = Optional.empty();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
