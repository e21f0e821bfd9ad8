/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.shardmap.GateChanges;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.gate.Admission;
import dev.millrace.shard.gate.PutGate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.BufferExhaustedException;
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
    private static final long BUFFER_BYTES =
            Math.clamp(Runtime.getRuntime().maxMemory() / 8, 16L << 20, 48L << 20);
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
     * Blocks the calling (virtual) thread while shards are closing or the producer's buffer is
     * full. Records of shards that are closing wait; the others of the request do not wait with
     * them.
     */
    @Override
    public Appends append(StreamName stream, List<NewRecord> records) {
        Appends appends = new Appends(records.size());
        long deadline = System.nanoTime() + WAIT_MAX.toNanos();
        List<Integer> waiting = IntStream.range(0, records.size()).boxed().toList();
        while (!waiting.isEmpty()) {
            long seen = changes.version();
            Round round = new Round(stream, records, appends);
            for (int index : waiting) {
                round.admit(index);
            }
            waiting = round.end();
            if (!waiting.isEmpty() && !awaitChange(seen, deadline)) {
                AppendResult refused =
                        new AppendResult.Refused(Kind.INTERNAL_FAILURE, round.waitedInVain());
                waiting.forEach(index -> appends.complete(index, refused));
                return appends;
            }
        }
        return appends;
    }

    private boolean awaitChange(long seen, long deadline) {
        try {
            return changes.awaitLaterThan(seen, deadline);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * One walk through the records of a request: sends those that may be sent now, with one pass
     * for each shard.
     */
    private final class Round {
        private final StreamName stream;
        private final List<NewRecord> records;
        private final Appends appends;
        private final List<SharedPass> passes = new ArrayList<>();
        private final List<Integer> waiting = new ArrayList<>();
        private Admission.@Nullable Cause cause;

        Round(StreamName stream, List<NewRecord> records, Appends appends) {
            this.stream = stream;
            this.records = records;
            this.appends = appends;
        }

        void admit(int index) {
            NewRecord record = records.get(index);
            for (SharedPass pass : passes) {
                if (pass.covers(record.key())) {
                    send(pass, index, record);
                    return;
                }
            }
            if (waits(record)) {
                waiting.add(index);
                return;
            }
            switch (gate.admit(stream, record.key())) {
                case Admission.Admitted(var admitted) -> {
                    SharedPass pass = new SharedPass(admitted);
                    passes.add(pass);
                    send(pass, index, record);
                }
                case Admission.NoStream _, Admission.NotActive _ ->
                        appends.complete(
                                index,
                                new AppendResult.Refused(
                                        Kind.RESOURCE_NOT_FOUND,
                                        "Stream " + stream + " not found."));
                case Admission.NotNow(var why) -> {
                    cause = why;
                    waiting.add(index);
                }
            }
        }

        /**
         * Whether an earlier record of the same key waits: then this one does too, or it would
         * overtake it.
         */
        private boolean waits(NewRecord record) {
            if (cause == Admission.Cause.NO_LEASE) {
                return true;
            }
            for (int earlier : waiting) {
                if (records.get(earlier).key().equals(record.key())) {
                    return true;
                }
            }
            return false;
        }

        /** Lets go of the passes; the records that have to wait are left. */
        List<Integer> end() {
            passes.forEach(SharedPass::release);
            return waiting;
        }

        String waitedInVain() {
            return KafkaShardAppender.waitedInVain(Objects.requireNonNull(cause));
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the callback completes the result
        private void send(SharedPass shared, int index, NewRecord record) {
            Admission.Pass pass = shared.use();
            ProducerRecord<byte[], byte[]> sent =
                    new ProducerRecord<>(
                            pass.stream().state().topic(),
                            pass.shard().partition(),
                            record.partitionKey().getBytes(StandardCharsets.UTF_8),
                            record.data());
            byte[] envelope = record.envelope();
            if (envelope != null) {
                sent.headers().add(RecordCipher.HEADER, envelope);
            }
            try {
                producer.send(
                        sent,
                        (metadata, failure) -> {
                            AppendResult result = outcome(pass, metadata, failure);
                            shared.release();
                            appends.complete(index, result);
                        });
            } catch (KafkaException | IllegalStateException e) {
                AppendResult result = outcome(pass, null, e);
                shared.release();
                appends.complete(index, result);
            }
        }
    }

    /** A pass that all records of a request to one shard share; given back when all are done. */
    private final class SharedPass {
        private final Admission.Pass pass;
        // The round holds it, too, for as long as records may be added.
        private final AtomicInteger users = new AtomicInteger(1);

        SharedPass(Admission.Pass pass) {
            this.pass = pass;
        }

        boolean covers(HashKey key) {
            return pass.shard().range().contains(key);
        }

        Admission.Pass use() {
            users.incrementAndGet();
            return pass;
        }

        void release() {
            if (users.decrementAndGet() == 0) {
                gate.done(pass);
            }
        }
    }

    /** What became of a record; asks whether the put may be acknowledged. */
    private AppendResult outcome(
            Admission.Pass pass, @Nullable RecordMetadata metadata, @Nullable Exception failure) {
        if (failure instanceof BufferExhaustedException) {
            return new AppendResult.Refused(
                    Kind.THROUGHPUT_EXCEEDED,
                    "The brokers are slower than what is put through this gateway; try again.");
        }
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
    }

    private static String waitedInVain(Admission.Cause cause) {
        return switch (cause) {
            case SHARD_IS_CLOSING -> "The shard is being split or merged for too long; try again.";
            case NO_LEASE -> "This gateway has no lease from the shard map's writer; try again.";
        };
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
