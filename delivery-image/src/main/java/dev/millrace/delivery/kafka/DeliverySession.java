/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.Output;
import dev.millrace.delivery.engine.ActivePartitions;
import dev.millrace.delivery.engine.Commit;
import dev.millrace.delivery.engine.OpenBatch;
import dev.millrace.delivery.engine.Outbox;
import dev.millrace.delivery.engine.PartitionDelivery;
import dev.millrace.delivery.kafka.DeliverySteps.Step;
import dev.millrace.delivery.processing.SourceRecord;
import dev.millrace.delivery.status.WorkerStatus;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.log.ShardMapLog;
import dev.millrace.shard.log.ShardMapView;
import dev.millrace.shard.map.StreamView;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's membership in the group of workers of one delivery, from joining to the first error
 * that is not understood; then all of it is thrown away and begun anew from what is committed. One
 * thread does everything but the uploads.
 *
 * <p>Every transaction carries the offsets with the group's generation, so that Kafka refuses one
 * of a worker that does not own its partitions any more, whether it seals or completes.
 */
final class DeliverySession implements ConsumerRebalanceListener, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DeliverySession.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration KAFKA_WAIT = Duration.ofSeconds(60);
    private static final Duration QUIET_COMMIT = Duration.ofSeconds(1);
    private static final Duration UNBLOCK_EVERY = Duration.ofMillis(250);
    private static final long SPAN_MAX = 2_000_000;
    private static final int SEALS_MAX = 500;

    private final DeliveryPlan plan;
    private final RecordCipher cipher;
    private final ShardMapView view;
    private final StreamId streamId;
    private final String topic;
    private final DescriptorLog descriptors;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Outbox outbox;
    private final WorkerStatus status;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final DeliverySteps steps;

    private final Map<Integer, PartitionDelivery> owned = new TreeMap<>();
    private final ActivePartitions active;
    private final IdleCleanup cleanup;

    /** Shards whose parents are known to be delivered. */
    private final Set<ShardId> begun = new HashSet<>();

    /** Partitions at the start of a shard whose parents are not delivered yet. */
    private final Map<Integer, List<SourceShards.Until>> blocked = new HashMap<>();

    /** When the record came that was read last. */
    private final Map<Integer, Instant> lastArrival = new HashMap<>();

    private SourceShards shards;
    private boolean overBudget;
    private Instant lastCommit;
    private Instant lastUnblock = Instant.MIN;

    DeliverySession(
            DeliveryPlan plan,
            ShardMapView view,
            StreamView stream,
            KafkaConsumer<byte[], byte[]> consumer,
            KafkaProducer<byte[], byte[]> producer,
            DescriptorLog descriptors,
            WorkerStatus status,
            InstantSource clock,
            RandomGenerator random,
            DeliverySteps steps) {
        this.plan = plan;
        this.cipher = new RecordCipher(plan.encryptionKeys(), new SecureRandom(), System::nanoTime);
        this.view = view;
        this.streamId = stream.state().id();
        this.topic = stream.state().topic();
        this.shards = SourceShards.of(stream);
        this.consumer = consumer;
        this.producer = producer;
        this.descriptors = descriptors;
        this.active = new ActivePartitions(plan.activePartitionsMax());
        this.outbox = new Outbox(plan.destination(), status, plan.concurrency());
        this.status = status;
        this.clock = clock;
        this.random = random;
        this.steps = steps;
        this.lastCommit = clock.instant();
        this.cleanup = new IdleCleanup(System::gc, lastCommit);
    }

    /** Delivers until told to stop, or until the source is another stream. */
    void run(BooleanSupplier stop) throws InterruptedException {
        descriptors.create();
        producer.initTransactions();
        consumer.subscribe(List.of(topic), this);
        while (!stop.getAsBoolean() && followShards()) {
            read();
            for (Outbox.Delivered batch : outbox.takeDelivered()) {
                PartitionDelivery partition = owned.get(batch.partition());
                if (partition != null) {
                    partition.delivered(batch.id());
                }
            }
            seal();
            commit();
            for (PartitionDelivery partition : owned.values()) {
                partition.takeReady().forEach(outbox::submit);
            }
            keepWithinBudget();
            tell();
        }
    }

    /** Uploads are broken off first; what they were to deliver is written down. */
    @Override
    public void close() {
        outbox.close();
        consumer.close();
        producer.close(Duration.ofSeconds(5));
    }

    // --- reading

    private void read() throws InterruptedException {
        ConsumerRecords<byte[], byte[]> polled;
        try {
            polled = consumer.poll(POLL);
        } catch (OffsetOutOfRangeException e) {
            skipExpired(e);
            return;
        }
        cleanup.look(!polled.isEmpty() || heldBytes() > 0, clock.instant());
        for (TopicPartition partition : polled.partitions()) {
            read(partition, polled.records(partition));
        }
        for (PartitionDelivery partition : owned.values()) {
            partition.readTo(consumer.position(of(partition)));
        }
        if (!polled.isEmpty()) {
            steps.at(Step.RECORDS_READ);
        }
        unblock();
    }

    private void read(TopicPartition from, List<ConsumerRecord<byte[], byte[]>> records) {
        PartitionDelivery partition = owned.get(from.partition());
        if (partition == null) {
            return;
        }
        List<SourceRecord> taken = new ArrayList<>(records.size());
        long next = partition.position();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            switch (place(from.partition(), record.offset())) {
                case SourceShards.InShard(Shard shard) -> {
                    if (!begun.contains(shard.id()) && blocks(from, shard)) {
                        consumer.seek(from, record.offset());
                        take(partition, taken, next);
                        return;
                    }
                    taken.add(source(shard, record));
                }
                case SourceShards.InNoShard _, SourceShards.BehindKnown _ -> {
                    // Nobody was told that it was put.
                }
            }
            next = record.offset() + 1;
        }
        take(partition, taken, next);
    }

    private void take(PartitionDelivery partition, List<SourceRecord> records, long next) {
        Instant now = clock.instant();
        List<List<Output>> processed = plan.processor().process(records);
        for (int i = 0; i < records.size(); i++) {
            SourceRecord record = records.get(i);
            long offset = record.sequenceNumber().offset();
            for (Output output : processed.get(i)) {
                Output admitted =
                        partition.admits(offset, output) ? output : exceeding(record, output, now);
                partition.add(offset, record.arrival(), admitted, now);
            }
            partition.readTo(offset + 1);
            status.read(record.data().length);
            cleanup.read(record.data().length);
        }
        partition.readTo(next);
        if (!records.isEmpty()) {
            lastArrival.put(partition.partition(), records.getLast().arrival());
        }
    }

    /** As Firehose says it. */
    private Output exceeding(SourceRecord record, Output output, Instant now) {
        status.partitionCountExceeded();
        return new Output(
                output.lane(),
                BufferKey.Failed.ACTIVE_PARTITION_EXCEEDED,
                new ErrorLine(
                                BufferKey.Failed.ACTIVE_PARTITION_EXCEEDED.errorType(),
                                1,
                                record.arrival(),
                                "DynamicPartitioning.ActivePartitionsLimitExceeded",
                                "The number of active partitions has exceeded the configured limit",
                                now,
                                output.data(),
                                Map.of("sequenceNumber", record.sequenceNumber().toString()))
                        .bytes());
    }

    /**
     * A record as it was put: what is encrypted is decrypted, or the session ends and tries anew.
     */
    private SourceRecord source(Shard shard, ConsumerRecord<byte[], byte[]> record) {
        byte @Nullable [] key = record.key();
        return new SourceRecord(
                new SequenceNumber(shard.id(), record.offset()),
                Instant.ofEpochMilli(record.timestamp()),
                key == null ? "" : new String(key, StandardCharsets.UTF_8),
                data(record));
    }

    private byte[] data(ConsumerRecord<byte[], byte[]> record) {
        Header envelope = record.headers().lastHeader(RecordCipher.HEADER);
        return envelope == null
                ? record.value()
                : cipher.decrypt(envelope.value(), streamId, record.value());
    }

    /**
     * A record behind all known shards may be of a shard that was opened just now. The map is then
     * read anew: a shard is in it before its first record is put.
     */
    private SourceShards.Place place(int partition, long offset) {
        SourceShards.Place place = shards.place(partition, offset);
        if (!(place instanceof SourceShards.BehindKnown)) {
            return place;
        }
        try (ShardMapLog fresh = ShardMapLog.open(plan.clientProperties())) {
            fresh.replay(() -> false).stream(plan.source())
                    .filter(stream -> stream.state().id().equals(streamId))
                    .ifPresent(stream -> shards = SourceShards.of(stream));
        }
        return shards.place(partition, offset);
    }

    private boolean blocks(TopicPartition partition, Shard shard) {
        List<SourceShards.Until> before = shards.before(shard);
        if (areDelivered(before)) {
            begun.add(shard.id());
            return false;
        }
        blocked.put(partition.partition(), before);
        consumer.pause(List.of(partition));
        log.info("{} waits until its parents are delivered", shard.id());
        return true;
    }

    private boolean areDelivered(List<SourceShards.Until> before) {
        Set<TopicPartition> asked = new HashSet<>();
        before.forEach(until -> asked.add(new TopicPartition(topic, until.partition())));
        if (asked.isEmpty()) {
            return true;
        }
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(asked, KAFKA_WAIT);
        for (SourceShards.Until until : before) {
            OffsetAndMetadata offset = committed.get(new TopicPartition(topic, until.partition()));
            if (offset == null || offset.offset() < until.offset()) {
                return false;
            }
        }
        return true;
    }

    private void unblock() {
        Instant now = clock.instant();
        if (blocked.isEmpty() || now.isBefore(lastUnblock.plus(UNBLOCK_EVERY))) {
            return;
        }
        lastUnblock = now;
        blocked.values().removeIf(this::areDelivered);
    }

    private void skipExpired(OffsetOutOfRangeException e) {
        for (Map.Entry<TopicPartition, Long> lost : e.offsetOutOfRangePartitions().entrySet()) {
            consumer.seekToBeginning(List.of(lost.getKey()));
            long first = consumer.position(lost.getKey());
            long count = Math.max(0, first - lost.getValue());
            status.expired(count);
            log.error("{} records of {} expired before they were delivered", count, lost.getKey());
        }
    }

    // --- sealing and committing

    private void seal() {
        Instant now = clock.instant();
        int sealed = 0;
        for (PartitionDelivery partition : owned.values()) {
            for (OpenBatch batch : toSeal(partition, now)) {
                if (sealed++ < SEALS_MAX) {
                    seal(partition, batch);
                }
            }
        }
        sealLargest();
        if (sealed > 0) {
            steps.at(Step.BATCH_SEALED);
        }
    }

    private Collection<OpenBatch> toSeal(PartitionDelivery partition, Instant now) {
        Optional<Long> end = shards.lastEnd(partition.partition(), partition.position());
        if (end.isPresent() && partition.committed().orElse(0) < end.get()) {
            // The children wait for these.
            return partition.open();
        }
        List<OpenBatch> due = partition.due(plan.buffering(), now);
        if (due.isEmpty() && partition.span() > SPAN_MAX) {
            return partition.oldestOpen().map(List::of).orElse(List.of());
        }
        return due;
    }

    private void seal(PartitionDelivery partition, OpenBatch batch) {
        BatchId id = BatchId.random(random);
        partition.seal(
                batch, id, plan.destination().nameOf(batch.key(), batch.oldestArrival(), id));
    }

    /** Above half of the budget the largest buffers go out until a quarter is left. */
    private void sealLargest() {
        if (heldBytes() <= plan.memoryBytes() / 2) {
            return;
        }
        record Candidate(PartitionDelivery partition, OpenBatch batch) {}
        List<Candidate> candidates = new ArrayList<>();
        long open = 0;
        for (PartitionDelivery partition : owned.values()) {
            open += partition.openBytes();
            partition.open().forEach(batch -> candidates.add(new Candidate(partition, batch)));
        }
        candidates.sort(
                Comparator.comparingLong((Candidate c) -> c.batch().payload().heldBytes())
                        .reversed());
        for (Candidate candidate : candidates) {
            if (open <= plan.memoryBytes() / 4) {
                return;
            }
            open -= candidate.batch().payload().heldBytes();
            seal(candidate.partition(), candidate.batch());
        }
    }

    private void commit() {
        Instant now = clock.instant();
        boolean quiet = !now.isBefore(lastCommit.plus(QUIET_COMMIT));
        Map<PartitionDelivery, Commit> commits = new HashMap<>();
        boolean news = false;
        for (PartitionDelivery partition : owned.values()) {
            if (partition.hasNews() || quiet && partition.hasMoved()) {
                commits.put(partition, partition.prepare());
                news |= partition.hasNews();
            }
        }
        if (commits.isEmpty()) {
            return;
        }
        if (transact(commits.values())) {
            commits.forEach(PartitionDelivery::applied);
            lastCommit = now;
            if (news) {
                told(commits.values(), Step.DESCRIPTOR_COMMITTED, Step.COMPLETION_COMMITTED);
            }
        }
    }

    /** Whether it took effect; it did not where the group has moved on. */
    private boolean transact(Collection<Commit> commits) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (Commit commit : commits) {
            offsets.put(
                    new TopicPartition(topic, commit.partition()),
                    new OffsetAndMetadata(commit.offset()));
        }
        producer.beginTransaction();
        try {
            // First, so that a worker that is none any more writes nothing at all.
            producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
            for (Commit commit : commits) {
                for (ProducerRecord<byte[], byte[]> record : descriptors.records(commit)) {
                    // A failure comes up again in commitTransaction.
                    var _ = producer.send(record);
                }
            }
            producer.flush();
            told(commits, Step.DESCRIPTOR_SENT, Step.COMPLETION_SENT);
            producer.commitTransaction();
            return true;
        } catch (CommitFailedException e) {
            log.info("The group of workers has changed; commits again: {}", e.getMessage());
            producer.abortTransaction();
            return false;
        }
    }

    private void told(Collection<Commit> commits, Step sealing, Step completing) {
        boolean seals =
                commits.stream()
                        .flatMap(commit -> commit.puts().stream())
                        .anyMatch(put -> put.state() == BatchDescriptor.State.SEALED);
        boolean completes =
                commits.stream()
                        .anyMatch(commit ->
                                !commit.gone().isEmpty()
                                        || commit.puts().stream()
                                                .anyMatch(put ->
                                                        put.state()
                                                                == BatchDescriptor.State
                                                                        .DELIVERED));
        if (seals) {
            steps.at(sealing);
        }
        if (completes) {
            steps.at(completing);
        }
    }

    // --- memory

    private void keepWithinBudget() {
        long held = heldBytes();
        overBudget = held > (overBudget ? plan.memoryBytes() / 5 * 4 : plan.memoryBytes());
        List<TopicPartition> paused = new ArrayList<>();
        List<TopicPartition> running = new ArrayList<>();
        for (PartitionDelivery partition : owned.values()) {
            boolean waits = overBudget || blocked.containsKey(partition.partition());
            (waits ? paused : running).add(of(partition));
        }
        consumer.pause(paused);
        consumer.resume(running);
    }

    private long heldBytes() {
        long held = 0;
        for (PartitionDelivery partition : owned.values()) {
            held += partition.heldBytes();
        }
        return held;
    }

    // --- the group, and the shards

    /** Whether the source is still the stream that it was. */
    private boolean followShards() {
        Optional<StreamView> stream = view.latest().map().stream(plan.source());
        if (stream.isEmpty() || !stream.get().state().id().equals(streamId)) {
            return false;
        }
        shards = SourceShards.of(stream.get());
        return true;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        try {
            Set<TopicPartition> wanted = new HashSet<>(partitions);
            // In this order: see DescriptorLog.read.
            Map<TopicPartition, OffsetAndMetadata> committed =
                    consumer.committed(wanted, KAFKA_WAIT);
            Map<Integer, List<BatchDescriptor>> recovered =
                    descriptors.read(partitions.stream().map(TopicPartition::partition).toList());
            for (TopicPartition partition : partitions) {
                OffsetAndMetadata offset = committed.get(partition);
                OptionalLong known =
                        offset == null ? OptionalLong.empty() : OptionalLong.of(offset.offset());
                long start = known.isPresent() ? known.getAsLong() : beginning(partition);
                List<BatchDescriptor> ofPartition =
                        recovered.getOrDefault(partition.partition(), List.of());
                consumer.seek(partition, start);
                owned.put(
                        partition.partition(),
                        new PartitionDelivery(
                                partition.partition(),
                                start,
                                known,
                                ofPartition,
                                plan.separator(),
                                active));
                log.info(
                        "Delivers partition {} from offset {} on, {} batches are under way",
                        partition,
                        start,
                        ofPartition.size());
            }
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            PartitionDelivery left = owned.remove(partition.partition());
            if (left != null) {
                left.left();
            }
            blocked.remove(partition.partition());
            lastArrival.remove(partition.partition());
            outbox.drop(partition.partition());
        }
    }

    private long beginning(TopicPartition partition) {
        List<TopicPartition> one = List.of(partition);
        if (plan.start().isEmpty()) {
            return consumer.beginningOffsets(one, KAFKA_WAIT).getOrDefault(partition, 0L);
        }
        // The end first: a record that comes in between is then found by its time.
        long end = consumer.endOffsets(one, KAFKA_WAIT).getOrDefault(partition, 0L);
        OffsetAndTimestamp found =
                consumer.offsetsForTimes(
                                Map.of(partition, plan.start().get().toEpochMilli()), KAFKA_WAIT)
                        .get(partition);
        return found == null ? end : found.offset();
    }

    // --- status

    private void tell() {
        Instant now = clock.instant();
        List<WorkerStatus.PartitionPosition> positions = new ArrayList<>();
        Optional<Instant> oldest = Optional.empty();
        long lag = 0;
        long behindMillis = 0;
        for (PartitionDelivery partition : owned.values()) {
            long unread = consumer.currentLag(of(partition)).orElse(0);
            lag += unread;
            Instant arrival = lastArrival.get(partition.partition());
            if (unread > 0 && arrival != null) {
                behindMillis = Math.max(behindMillis, Duration.between(arrival, now).toMillis());
            }
            oldest = earlier(oldest, partition.oldestUndelivered());
            positions.add(
                    new WorkerStatus.PartitionPosition(
                            partition.partition(),
                            partition.position(),
                            partition.committed().orElse(-1)));
        }
        status.tell(
                new WorkerStatus.Progress(
                        positions,
                        lag,
                        behindMillis,
                        oldest,
                        heldBytes(),
                        blocked.size(),
                        active.count()));
    }

    private static Optional<Instant> earlier(Optional<Instant> a, Optional<Instant> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        return a.get().isBefore(b.get()) ? a : b;
    }

    private TopicPartition of(PartitionDelivery partition) {
        return new TopicPartition(topic, partition.partition());
    }
}
