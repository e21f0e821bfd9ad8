/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.status;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.SealedBatch;
import dev.millrace.delivery.engine.Outbox;
import dev.millrace.delivery.processing.ProcessingListener;
import dev.millrace.workload.status.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What a worker does and how it goes. Safe to use from any thread. */
public final class WorkerStatus implements Outbox.Listener, ProcessingListener, PodStatus {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Where reading stands.
     *
     * @param position the offset that is read next
     * @param committed all before it is delivered; -1 while nothing is known
     */
    public record PartitionPosition(int partition, long position, long committed) {}

    /**
     * @param lagRecords records of the partitions of this worker that are not read yet
     * @param oldestUndelivered when the oldest record came that was read and is not delivered
     * @param blocked how many partitions wait for parents
     * @param activePartitions of dynamic partitioning that have records which are not delivered
     */
    public record Progress(
            List<PartitionPosition> positions,
            long lagRecords,
            long millisBehindLatest,
            Optional<Instant> oldestUndelivered,
            long heldBytes,
            int blocked,
            int activePartitions) {
        public Progress {
            positions = List.copyOf(positions);
        }
    }

    /** A failure and when it was. */
    private record Failure(String code, String message, Instant at) {}

    /** Records of a batch that were refused. */
    private record Refused(int count, long bytes) {}

    /** Counts that only grow. */
    public enum Total {
        READ_RECORDS,
        READ_BYTES,
        DELIVERED_RECORDS,
        DELIVERED_BYTES,
        DELIVERED_OBJECTS,
        BACKED_UP_RECORDS,
        BACKED_UP_BYTES,
        FAILED_RECORDS,
        FAILED_BYTES,
        ATTEMPTS,
        FAILED_ATTEMPTS,
        EXPIRED_RECORDS,
        FUNCTION_CALLS,
        FAILED_FUNCTION_CALLS,
        FUNCTION_NANOS,
        PROCESSED_RECORDS,
        PROCESSED_BYTES,
        CONVERTED_RECORDS,
        CONVERTED_BYTES,
        NOT_CONVERTED_RECORDS,
        NOT_CONVERTED_BYTES,
        PARTITIONING_NANOS,
        PARTITION_COUNT_EXCEEDED
    }

    private final String name;
    private final String uid;
    private final InstantSource clock;
    private final Map<Total, LongAdder> totals = new EnumMap<>(Total.class);

    /** What is not counted as delivered when its batch is. */
    private final ConcurrentMap<BatchId, Refused> refused = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    // All are guarded by lock.
    private Progress progress = new Progress(List.of(), 0, 0, Optional.empty(), 0, 0, 0);
    private @Nullable Failure sourceFailure =
            new Failure("Starting", "The worker starts", Instant.EPOCH);
    private @Nullable Failure destinationFailure;
    private @Nullable Failure lastFailure;
    private @Nullable Instant lastSuccess;
    private int openShards;

    /**
     * @param name of the delivery stream
     * @param uid of its resource
     */
    public WorkerStatus(String name, String uid, InstantSource clock) {
        this.name = name;
        this.uid = uid;
        this.clock = clock;
        for (Total total : Total.values()) {
            totals.put(total, new LongAdder());
        }
    }

    public void sourceMissing(String reason, String message) {
        lock.lock();
        try {
            sourceFailure = new Failure(reason, message, clock.instant());
        } finally {
            lock.unlock();
        }
    }

    public void sourceReady(int shards) {
        lock.lock();
        try {
            sourceFailure = null;
            openShards = shards;
        } finally {
            lock.unlock();
        }
    }

    public void tell(Progress newProgress) {
        lock.lock();
        try {
            progress = newProgress;
        } finally {
            lock.unlock();
        }
    }

    public void read(int bytes) {
        add(Total.READ_RECORDS, 1);
        add(Total.READ_BYTES, bytes);
    }

    /** Records are gone by retention that were never delivered. */
    public void expired(long records) {
        add(Total.EXPIRED_RECORDS, records);
        lock.lock();
        try {
            lastFailure =
                    new Failure(
                            "RecordsExpired",
                            records + " records expired before they were delivered",
                            clock.instant());
        } finally {
            lock.unlock();
        }
    }

    /** The destination refused records of a batch, which are written down as errors. */
    public void refused(BatchId batch, List<ErrorLine> lines) {
        if (lines.isEmpty()) {
            return;
        }
        long bytes = lines.stream().mapToLong(line -> line.raw().length).sum();
        add(Total.FAILED_RECORDS, lines.size());
        add(Total.FAILED_BYTES, bytes);
        refused.put(batch, new Refused(lines.size(), bytes));
        lock.lock();
        try {
            ErrorLine last = lines.getLast();
            lastFailure = new Failure(last.code(), last.message(), clock.instant());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void delivered(SealedBatch batch) {
        int count = batch.payload().count();
        long bytes = batch.payload().bytes();
        add(Total.ATTEMPTS, 1);
        switch (batch.descriptor().key()) {
            case BufferKey.Data _ -> {
                Refused without = refused.remove(batch.descriptor().id());
                add(Total.DELIVERED_RECORDS, count - (without == null ? 0 : without.count()));
                add(Total.DELIVERED_BYTES, bytes - (without == null ? 0 : without.bytes()));
                add(Total.DELIVERED_OBJECTS, 1);
            }
            case BufferKey.Backup _ -> {
                add(Total.BACKED_UP_RECORDS, count);
                add(Total.BACKED_UP_BYTES, bytes);
            }
            case BufferKey.Failed _ -> {
                add(Total.FAILED_RECORDS, count);
                add(Total.FAILED_BYTES, bytes);
            }
        }
        lock.lock();
        try {
            lastSuccess = clock.instant();
            destinationFailure = null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void failed(SealedBatch batch, DeliveryException failure) {
        add(Total.ATTEMPTS, 1);
        add(Total.FAILED_ATTEMPTS, 1);
        lock.lock();
        try {
            Failure seen =
                    new Failure(
                            failure.code(), String.valueOf(failure.getMessage()), clock.instant());
            destinationFailure = seen;
            lastFailure = seen;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void called(Duration took, boolean succeeded) {
        add(Total.FUNCTION_CALLS, 1);
        add(Total.FUNCTION_NANOS, took.toNanos());
        add(Total.FAILED_FUNCTION_CALLS, succeeded ? 0 : 1);
    }

    @Override
    public void processed(int records, long bytes) {
        add(Total.PROCESSED_RECORDS, records);
        add(Total.PROCESSED_BYTES, bytes);
    }

    @Override
    public void converted(boolean succeeded, int records, long bytes) {
        add(succeeded ? Total.CONVERTED_RECORDS : Total.NOT_CONVERTED_RECORDS, records);
        add(succeeded ? Total.CONVERTED_BYTES : Total.NOT_CONVERTED_BYTES, bytes);
    }

    @Override
    public void partitioned(Duration took) {
        add(Total.PARTITIONING_NANOS, took.toNanos());
    }

    /** A record's partition would have been one more than there may be. */
    public void partitionCountExceeded() {
        add(Total.PARTITION_COUNT_EXCEEDED, 1);
    }

    public long total(Total total) {
        return Objects.requireNonNull(totals.get(total)).sum();
    }

    private void add(Total total, long count) {
        Objects.requireNonNull(totals.get(total)).add(count);
    }

    public Progress progress() {
        lock.lock();
        try {
            return progress;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the source is read. */
    @Override
    public boolean isReady() {
        lock.lock();
        try {
            return sourceFailure == null;
        } finally {
            lock.unlock();
        }
    }

    /** The age of the oldest record that is not delivered; zero when there is none. */
    public Duration freshness() {
        return progress()
                .oldestUndelivered()
                .map(oldest -> Duration.between(oldest, clock.instant()))
                .filter(age -> !age.isNegative())
                .orElse(Duration.ZERO);
    }

    /** All of it, as the operator reads it. */
    @Override
    public String json() {
        Duration freshness = freshness();
        lock.lock();
        try {
            ObjectNode json = JSON.createObjectNode();
            json.put("name", name);
            json.put("uid", uid);
            ObjectNode source = json.putObject("source");
            source.put("openShards", openShards);
            source.put("assigned", progress.positions().size());
            source.put("waitingForParents", progress.blocked());
            source.put("lagRecords", progress.lagRecords());
            source.put("millisBehindLatest", progress.millisBehindLatest());
            ArrayNode positions = source.putArray("positions");
            for (PartitionPosition position : progress.positions()) {
                positions
                        .addObject()
                        .put("partition", position.partition())
                        .put("position", position.position())
                        .put("committed", position.committed());
            }
            ObjectNode delivery = json.putObject("delivery");
            delivery.put("freshnessSeconds", freshness.toMillis() / 1000.0);
            delivery.put("bufferedBytes", progress.heldBytes());
            delivery.put("deliveredRecords", total(Total.DELIVERED_RECORDS));
            delivery.put("deliveredBytes", total(Total.DELIVERED_BYTES));
            delivery.put("deliveredObjects", total(Total.DELIVERED_OBJECTS));
            delivery.put("backedUpRecords", total(Total.BACKED_UP_RECORDS));
            delivery.put("failedRecords", total(Total.FAILED_RECORDS));
            delivery.put("expiredRecords", total(Total.EXPIRED_RECORDS));
            if (lastSuccess != null) {
                delivery.put("lastSuccessTime", lastSuccess.toString());
            }
            if (lastFailure != null) {
                delivery.putObject("lastError")
                        .put("code", lastFailure.code())
                        .put("message", lastFailure.message())
                        .put("time", lastFailure.at().toString());
            }
            ArrayNode conditions = json.putArray("conditions");
            condition(conditions, "SourceReady", sourceFailure, "Reading");
            condition(conditions, "DestinationReachable", destinationFailure, "Delivering");
            condition(
                    conditions,
                    "DeliveryHealthy",
                    sourceFailure != null ? sourceFailure : destinationFailure,
                    "Delivering");
            return json.toString();
        } finally {
            lock.unlock();
        }
    }

    private static void condition(
            ArrayNode conditions, String type, @Nullable Failure failure, String reasonOfTrue) {
        ObjectNode condition = conditions.addObject().put("type", type);
        if (failure == null) {
            condition.put("status", "True").put("reason", reasonOfTrue).put("message", "");
        } else {
            condition
                    .put("status", "False")
                    .put("reason", failure.code())
                    .put("message", failure.message());
        }
    }
}
