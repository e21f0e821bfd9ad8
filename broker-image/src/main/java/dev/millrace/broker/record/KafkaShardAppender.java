/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.shardmap.GateChanges;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.gate.Admission;
import dev.millrace.shard.gate.PutGate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends records to the partitions of their shards.
 *
 * <p>Guaranteed: an appended record is on all in-sync replicas (acks=all) and lies inside the
 * offsets of the shard that is named, for ever ({@link PutGate}). Records that one thread appends
 * to one shard keep their order, also while brokers fail over (an idempotent producer).
 *
 * <p>Bounded: the producer's buffer holds {@link #BUFFER_BYTES}; a put waits for its shard for at
 * most {@link #WAIT_MAX} and for the brokers for at most {@link #DELIVERY_MAX}, and is refused
 * then.
 */
public final class KafkaShardAppender implements ShardAppender, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaShardAppender.class);

    /** Long enough for another gateway to become the shard map's writer. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(12);

    private static final Duration DELIVERY_MAX = Duration.ofSeconds(15);
    private static final Duration METADATA_MAX = Duration.ofSeconds(8);
    private static final long BUFFER_BYTES = 48L << 20;
    private static final int REQUEST_BYTES_MAX = 12 << 20;
    private static final int BATCH_BYTES = 256 << 10;

    private final KafkaProducer<byte[], byte[]> producer;
    private final PutGate gate;
    private final GateChanges changes;

    public KafkaShardAppender(String bootstrapServers, PutGate gate, GateChanges changes) {
        this.producer =
                new KafkaProducer<>(
                        config(bootstrapServers),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        this.gate = gate;
        this.changes = changes;
    }

    /**
     * Blocks the calling (virtual) thread while the shard is closing or the producer's buffer is
     * full.
     */
    @Override
    public CompletableFuture<AppendResult> append(
            StreamName stream, HashKey key, String partitionKey, byte[] data) {
        long deadline = System.nanoTime() + WAIT_MAX.toNanos();
        while (true) {
            long seen = changes.version();
            switch (gate.admit(stream, key)) {
                case Admission.Admitted(var pass) -> {
                    return send(pass, partitionKey, data);
                }
                case Admission.NoStream _, Admission.NotActive _ -> {
                    return refused(Kind.RESOURCE_NOT_FOUND, "Stream " + stream + " not found.");
                }
                case Admission.NotNow(var cause) -> {
                    if (!awaitChange(seen, deadline)) {
                        return refused(Kind.INTERNAL_FAILURE, waitedInVain(cause));
                    }
                }
            }
        }
    }

    private boolean awaitChange(long seen, long deadline) {
        try {
            return changes.awaitLaterThan(seen, deadline);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback completes the result
    private CompletableFuture<AppendResult> send(
            Admission.Pass pass, String partitionKey, byte[] data) {
        CompletableFuture<AppendResult> result = new CompletableFuture<>();
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(
                        pass.stream().state().topic(),
                        pass.shard().partition(),
                        partitionKey.getBytes(StandardCharsets.UTF_8),
                        data);
        try {
            producer.send(
                    record,
                    (metadata, failure) -> result.complete(outcome(pass, metadata, failure)));
        } catch (KafkaException | IllegalStateException e) {
            result.complete(outcome(pass, null, e));
        }
        return result;
    }

    /**
     * Called once for each pass: asks whether the put may be acknowledged, then gives the pass
     * back.
     */
    private AppendResult outcome(
            Admission.Pass pass, @Nullable RecordMetadata metadata, @Nullable Exception failure) {
        try {
            if (failure != null || metadata == null) {
                log.warn(
                        "A put to {} {} failed: {}",
                        pass.stream().state().name(),
                        pass.shard().id(),
                        String.valueOf(failure));
                return new AppendResult.Refused(
                        Kind.INTERNAL_FAILURE,
                        "The brokers did not take the record in time; try again.");
            }
            if (!gate.mayAcknowledge(pass)) {
                return new AppendResult.Refused(
                        Kind.INTERNAL_FAILURE,
                        "This gateway lost its lease while the record was written; try again.");
            }
            return new AppendResult.Appended(
                    pass.shard().id(), new SequenceNumber(pass.shard().id(), metadata.offset()));
        } finally {
            gate.done(pass);
        }
    }

    private static String waitedInVain(Admission.Cause cause) {
        return switch (cause) {
            case SHARD_IS_CLOSING -> "The shard is being split or merged for too long; try again.";
            case NO_LEASE -> "This gateway has no lease from the shard map's writer; try again.";
        };
    }

    private static CompletableFuture<AppendResult> refused(Kind kind, String message) {
        return CompletableFuture.completedFuture(new AppendResult.Refused(kind, message));
    }

    private static Map<String, Object> config(String bootstrapServers) {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(ProducerConfig.CLIENT_ID_CONFIG, "millrace-records");
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_BYTES_MAX);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) METADATA_MAX.toMillis());
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERY_MAX.toMillis());
        config.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 20);
        config.put(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 500);
        config.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        return config;
    }

    /** Waits for what is in flight, then closes. */
    @Override
    public void close() {
        producer.close(DELIVERY_MAX);
    }
}
