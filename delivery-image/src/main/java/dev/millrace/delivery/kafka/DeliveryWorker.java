/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

import dev.millrace.delivery.status.WorkerStatus;
import dev.millrace.shard.log.ShardMapView;
import dev.millrace.shard.map.StreamView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker of a delivery: waits for its source, then delivers in sessions, each begun from what
 * is committed, until it is told to stop.
 */
public final class DeliveryWorker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DeliveryWorker.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration STOP_MAX = Duration.ofSeconds(20);

    private final DeliveryPlan plan;
    private final ShardMapView view;
    private final WorkerStatus status;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final DeliverySteps steps;
    private final Thread thread;
    private volatile boolean stopping;

    public DeliveryWorker(
            DeliveryPlan plan,
            WorkerStatus status,
            InstantSource clock,
            RandomGenerator random,
            DeliverySteps steps) {
        this.plan = plan;
        this.view = new ShardMapView(plan.clientProperties());
        this.status = status;
        this.clock = clock;
        this.random = random;
        this.steps = steps;
        this.thread = Thread.ofPlatform().name("delivery").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Stops without waiting for buffers: what is not delivered is read again by who comes next. */
    @Override
    public void close() throws InterruptedException {
        stopping = true;
        if (!thread.join(STOP_MAX)) {
            thread.interrupt();
        }
        view.close();
    }

    private void run() {
        try {
            try {
                view.start(Duration.ofSeconds(30));
            } catch (TimeoutException e) {
                status.sourceMissing("BrokersUnreachable", String.valueOf(e.getMessage()));
            }
            while (!stopping) {
                Optional<StreamView> stream = view.latest().map().stream(plan.source());
                if (stream.isEmpty() || stream.get().shards().isEmpty()) {
                    status.sourceMissing(
                            "StreamMissing",
                            "There is no stream " + plan.source() + " in the pool");
                    view.awaitLaterThan(view.latest().number(), PAUSE);
                } else {
                    deliver(stream.get());
                }
            }
        } catch (InterruptedException | InterruptException _) {
            log.info("Stopped while it waited");
        }
    }

    private void deliver(StreamView stream) throws InterruptedException {
        try (DeliverySession session = open(stream)) {
            status.sourceReady(stream.openShards().size());
            session.run(() -> stopping);
        } catch (InterruptException e) {
            throw e;
        } catch (RuntimeException e) {
            log.warn("Begins anew from what is committed, after: {}", e.toString(), e);
            status.sourceMissing(
                    e instanceof KafkaException ? "BrokersFailed" : "InternalError", e.toString());
            view.awaitLaterThan(view.latest().number(), PAUSE);
        }
    }

    private DeliverySession open(StreamView stream) {
        String group = "millrace.delivery." + plan.deliveryId() + "." + stream.state().id();
        KafkaConsumer<byte[], byte[]> consumer = consumer(group);
        try {
            return new DeliverySession(
                    withWatchedDestination(),
                    view,
                    stream,
                    consumer,
                    producer(),
                    new DescriptorLog(plan.clientProperties(), group),
                    status,
                    clock,
                    random,
                    steps);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    private DeliveryPlan withWatchedDestination() {
        return new DeliveryPlan(
                plan.clientProperties(),
                plan.source(),
                plan.deliveryId(),
                plan.start(),
                plan.processor(),
                new WatchedDestination(plan.destination(), steps),
                plan.buffering(),
                plan.separator(),
                plan.memoryBytes(),
                plan.concurrency(),
                plan.activePartitionsMax(),
                plan.encryptionKeys());
    }

    private KafkaConsumer<byte[], byte[]> consumer(String group) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        // Also makes it wait for the open transaction of the owner before.
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                CooperativeStickyAssignor.class.getName());
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
        properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_000);
        // A function that processes the records of one poll may be as slow as this.
        properties.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 900_000);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 << 20);
        // A reshard adds partitions; they are looked for this often.
        properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 3_000);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.putAll(plan.clientProperties());
        return new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private KafkaProducer<byte[], byte[]> producer() {
        Map<String, Object> properties = new HashMap<>();
        properties.put(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                "millrace.delivery." + new UUID(random.nextLong(), random.nextLong()));
        // How long a worker that was killed in a transaction holds up the one that comes next.
        properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 4 << 20);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 30_000);
        properties.put(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                String.valueOf(plan.clientProperties().get("bootstrap.servers")));
        return new KafkaProducer<>(
                properties, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
