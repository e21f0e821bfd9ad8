/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.input;

import dev.millrace.analytics.progress.InputProgress;
import dev.millrace.analytics.progress.Planner.InputRead;
import dev.millrace.analytics.progress.Progress;
import dev.millrace.analytics.progress.ShardProgress;
import dev.millrace.analytics.progress.ShardRead;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.kpl.KplAggregation;
import dev.millrace.shard.log.ShardMapView;
import dev.millrace.shard.map.StreamView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the inputs of an application: which rows came to which shard, and when they happened. The
 * rows themselves are read by the queries. A shard is begun when its parents were read to their
 * ends. One thread uses it.
 */
public final class InputReader implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(InputReader.class);
    private static final Duration POLL = Duration.ofMillis(250);

    /** Where rows wait already. */
    private static final Duration SHORT_POLL = Duration.ofMillis(10);

    private static final Duration KAFKA_WAIT = Duration.ofSeconds(10);

    /** So many rows are kept for an output of what is left out; then what is there is run. */
    private static final int LEFT_OUT_MAX = 100_000;

    private final Consumer<byte[], byte[]> consumer;
    private final Consumer<byte[], byte[]> ends;
    private final ShardMapView view;
    private final RecordCipher cipher;
    private final StartAt startAt;
    private final InstantSource clock;
    private final Map<String, Followed> inputs = new TreeMap<>();
    private final List<LateRow> lateRows = new ArrayList<>();
    private final List<MalformedRow> malformedRows = new ArrayList<>();
    private final boolean keepsMalformed;
    private long followedVersion = -1;
    private long rowsAtNanos = System.nanoTime();
    private long polledAtNanos = System.nanoTime();
    private long errors;
    private long late;
    private long expired;

    private static final class Followed {
        private final Input input;
        private final RowtimeReader rowtimes;
        private final Map<ShardId, ShardReading> readings = new TreeMap<>();

        /** Shards that were read to their ends, or are not to be read. */
        private final Set<ShardId> ended = new HashSet<>();

        private Map<Long, ShardProgress> known = Map.of();
        private @Nullable StreamId stream;
        private boolean begunBefore;

        Followed(Input input) {
            this.input = input;
            this.rowtimes = new RowtimeReader(input.table());
        }
    }

    /**
     * @param consumer reads the shards
     * @param ends has no partitions; is asked where shards begin and end. The reading one could not
     *     answer while its fetch waits for records, because a broker answers a connection in order
     * @param keepsMalformed whether somebody takes records that are no rows
     */
    public InputReader(
            Consumer<byte[], byte[]> consumer,
            Consumer<byte[], byte[]> ends,
            ShardMapView view,
            List<Input> inputs,
            StartAt startAt,
            RecordCipher cipher,
            InstantSource clock,
            boolean keepsMalformed) {
        this.consumer = consumer;
        this.ends = ends;
        this.view = view;
        this.startAt = startAt;
        this.cipher = cipher;
        this.clock = clock;
        this.keepsMalformed = keepsMalformed;
        inputs.forEach(input -> this.inputs.put(input.name(), new Followed(input)));
    }

    /** Goes on from where an application was. Call it once, first. */
    public void resume(Progress progress) {
        for (Followed followed : inputs.values()) {
            InputProgress known = progress.inputs().get(followed.input.name());
            if (known != null) {
                followed.begunBefore = true;
                followed.known = known.shards();
                followed.stream = new StreamId(known.stream());
            }
        }
    }

    /** The inputs whose streams are not there. */
    public List<String> missing() {
        return inputs.values().stream()
                .filter(followed -> stream(followed).isEmpty())
                .map(followed -> followed.input.table().stream().value())
                .toList();
    }

    /**
     * Reads until there are rows, but gives rows once in some time at most: what comes meanwhile
     * goes with them. So a row alone does not wait, and many are run together.
     *
     * @param apart how long after the last rows others are given
     * @param atMost after so long it returns without rows
     * @param rowsMax stops earlier after so many rows
     * @param lateBefore for an input, when rows are late
     * @param busy while what was read before is still being worked on it goes on
     * @return what came, of every shard that is being read
     */
    public Map<String, InputRead> read(
            Duration apart,
            Duration atMost,
            long rowsMax,
            ToLongFunction<String> lateBefore,
            BooleanSupplier busy) {
        long end = System.nanoTime() + atMost.toNanos();
        long earliest = rowsAtNanos + apart.toNanos();
        long rows = 0;
        follow();
        do {
            long left = busy.getAsBoolean() ? Long.MAX_VALUE : end - System.nanoTime();
            if (consumer.assignment().isEmpty()) {
                pause(left);
            } else {
                rows += poll(rows > 0 ? SHORT_POLL : POLL, left, lateBefore);
            }
            follow();
        } while (rows < rowsMax
                && lateRows.size() + malformedRows.size() < LEFT_OUT_MAX
                && (busy.getAsBoolean()
                        || System.nanoTime() < end && (rows == 0 || System.nanoTime() < earliest)));
        if (rows > 0) {
            rowsAtNanos = System.nanoTime();
        }
        askForEnds();
        return take();
    }

    /** Late rows since the last call. */
    public List<LateRow> takeLateRows() {
        List<LateRow> taken = List.copyOf(lateRows);
        lateRows.clear();
        return taken;
    }

    /** Records since the last call that are no rows. */
    public List<MalformedRow> takeMalformedRows() {
        List<MalformedRow> taken = List.copyOf(malformedRows);
        malformedRows.clear();
        return taken;
    }

    /** How many records were no rows. */
    public long errors() {
        return errors;
    }

    /** How many rows came late. */
    public long late() {
        return late;
    }

    /** How many offsets expired before they were read. */
    public long expired() {
        return expired;
    }

    @Override
    public void close() {
        consumer.close();
        ends.close();
    }

    private static void pause(long leftNanos) {
        try {
            Thread.sleep(Duration.ofNanos(Math.clamp(leftNanos, 0, POLL.toNanos())));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // --- shards

    private Optional<StreamView> stream(Followed followed) {
        return view.latest().map().stream(followed.input.table().stream());
    }

    private void follow() {
        long version = view.latest().number();
        boolean parentsEnded =
                inputs.values().stream()
                        .anyMatch(followed ->
                                followed.readings.values().stream()
                                        .anyMatch(ShardReading::isEnded));
        if (version == followedVersion && !parentsEnded) {
            return;
        }
        followedVersion = version;
        for (Followed followed : inputs.values()) {
            stream(followed).ifPresent(stream -> follow(followed, stream));
        }
        Set<TopicPartition> wanted = new HashSet<>();
        forEachReading((_, reading) -> {
            if (!reading.isEnded()) {
                wanted.add(reading.partition());
            }
        });
        if (!wanted.equals(consumer.assignment())) {
            consumer.assign(wanted);
            forEachReading((_, reading) -> {
                if (!reading.isEnded()) {
                    consumer.seek(reading.partition(), reading.position());
                }
            });
        }
    }

    private void follow(Followed followed, StreamView stream) {
        if (!stream.state().id().equals(followed.stream)) {
            if (followed.stream != null) {
                log.warn(
                        "Stream {} is another one than before; it is read from its start",
                        stream.state().name());
                followed.readings.clear();
                followed.ended.clear();
                followed.known = Map.of();
            }
            followed.stream = stream.state().id();
        }
        if (stream.shards().isEmpty()) {
            return;
        }
        boolean first = !followed.begunBefore;
        followed.begunBefore = true;
        for (Shard shard : stream.shards()) {
            ShardReading reading = followed.readings.get(shard.id());
            if (reading != null) {
                reading.update(shard);
            } else if (!followed.ended.contains(shard.id())) {
                begin(followed, stream, shard, first);
            }
        }
    }

    private void begin(Followed followed, StreamView stream, Shard shard, boolean first) {
        TopicPartition partition = new TopicPartition(stream.state().topic(), shard.partition());
        ShardProgress progress = followed.known.get(shard.id().index());
        long position;
        if (progress != null) {
            position = progress.position();
        } else if (first && startAt instanceof StartAt.Latest) {
            position = shard.isOpen() ? end(partition) : end(shard);
        } else if (parentsAreRead(followed, stream, shard)) {
            position = start(shard, partition, first);
        } else {
            return;
        }
        ShardReading reading =
                new ShardReading(
                        shard,
                        partition,
                        Math.max(position, shard.firstOffset()),
                        System.nanoTime());
        followed.readings.put(shard.id(), reading);
        if (progress != null && progress.ended()) {
            followed.readings.remove(shard.id());
            followed.ended.add(shard.id());
        }
    }

    /** Parents that the map does not know any more have expired. */
    private static boolean parentsAreRead(Followed followed, StreamView stream, Shard shard) {
        return shard.parents().stream()
                .filter(parent -> stream.shard(parent).isPresent())
                .allMatch(parent ->
                        followed.ended.contains(parent)
                                || Optional.ofNullable(followed.readings.get(parent))
                                        .filter(ShardReading::isEnded)
                                        .isPresent());
    }

    private long start(Shard shard, TopicPartition partition, boolean first) {
        if (first && startAt instanceof StartAt.AtTimestamp(var time)) {
            OffsetAndTimestamp found =
                    ends.offsetsForTimes(Map.of(partition, time.toEpochMilli()), KAFKA_WAIT)
                            .get(partition);
            return found == null
                    ? Math.min(end(partition), end(shard))
                    : Math.min(found.offset(), end(shard));
        }
        return Math.max(shard.firstOffset(), beginning(partition));
    }

    private static long end(Shard shard) {
        return shard.phase() instanceof Shard.Closed(long endOffset, var _)
                ? endOffset
                : Long.MAX_VALUE;
    }

    private long end(TopicPartition partition) {
        return ends.endOffsets(List.of(partition), KAFKA_WAIT).getOrDefault(partition, 0L);
    }

    private long beginning(TopicPartition partition) {
        return ends.beginningOffsets(List.of(partition), KAFKA_WAIT).getOrDefault(partition, 0L);
    }

    // --- records

    private long poll(Duration atMost, long leftNanos, ToLongFunction<String> lateBefore) {
        Duration wait = Duration.ofNanos(Math.clamp(leftNanos, 0, atMost.toNanos()));
        ConsumerRecords<byte[], byte[]> polled;
        try {
            polled = consumer.poll(wait);
        } catch (OffsetOutOfRangeException e) {
            skipExpired(e);
            return 0;
        }
        polledAtNanos = System.nanoTime();
        forEachReading((followed, reading) -> {
            if (reading.isEnded()) {
                return;
            }
            long late = lateBefore.applyAsLong(followed.input.name());
            for (ConsumerRecord<byte[], byte[]> record : polled.records(reading.partition())) {
                if (record.offset() >= reading.position() && record.offset() < reading.end()) {
                    record(followed, reading, record, late);
                }
            }
            if (consumer.assignment().contains(reading.partition())) {
                reading.readTo(consumer.position(reading.partition(), KAFKA_WAIT));
            }
        });
        return polled.count();
    }

    private void record(
            Followed followed,
            ShardReading reading,
            ConsumerRecord<byte[], byte[]> record,
            long lateBefore) {
        byte[] data = data(followed, record);
        if (KplAggregation.isAggregated(data)) {
            for (KplAggregation.UserRecord part : KplAggregation.split(data)) {
                row(followed, reading, record, part.partitionKey(), part.data(), lateBefore);
            }
        } else {
            row(followed, reading, record, "", data, lateBefore);
        }
    }

    /**
     * @param ownKey the partition key of a row that is a part of the record; else empty
     */
    private void row(
            Followed followed,
            ShardReading reading,
            ConsumerRecord<byte[], byte[]> record,
            String ownKey,
            byte[] data,
            long lateBefore) {
        OptionalLong rowtime = followed.rowtimes.rowtime(data, record.timestamp());
        Optional<String> problem = followed.rowtimes.problem();
        if (problem.isPresent()) {
            errors++;
            if (keepsMalformed) {
                malformedRows.add(
                        new MalformedRow(
                                followed.input.name(),
                                new SequenceNumber(reading.shard().id(), record.offset()),
                                record.timestamp(),
                                key(record, ownKey),
                                problem.get(),
                                data));
            }
        }
        if (rowtime.isEmpty()) {
            return;
        }
        reading.row(rowtime.getAsLong(), polledAtNanos);
        if (rowtime.getAsLong() < lateBefore) {
            late++;
            lateRows.add(
                    new LateRow(
                            followed.input.name(),
                            new SequenceNumber(reading.shard().id(), record.offset()),
                            rowtime.getAsLong(),
                            key(record, ownKey),
                            data));
        }
    }

    private static String key(ConsumerRecord<byte[], byte[]> record, String ownKey) {
        byte @Nullable [] key = record.key();
        return !ownKey.isEmpty() || key == null ? ownKey : new String(key, StandardCharsets.UTF_8);
    }

    private byte[] data(Followed followed, ConsumerRecord<byte[], byte[]> record) {
        byte @Nullable [] value = record.value();
        if (value == null) {
            return new byte[0];
        }
        Header envelope = record.headers().lastHeader(RecordCipher.HEADER);
        StreamId stream = followed.stream;
        return envelope == null || stream == null
                ? value
                : cipher.decrypt(envelope.value(), stream, value);
    }

    private void skipExpired(OffsetOutOfRangeException e) {
        forEachReading((_, reading) -> {
            Long lost = e.offsetOutOfRangePartitions().get(reading.partition());
            if (lost == null || reading.isEnded()) {
                return;
            }
            long first = beginning(reading.partition());
            expired += Math.max(0, first - lost);
            log.error(
                    "{} offsets of {} expired before they were read",
                    Math.max(0, first - lost),
                    reading.partition());
            reading.readTo(first);
            consumer.seek(reading.partition(), first);
        });
    }

    /**
     * Asks the brokers where the shards end. That nothing has come is no sign of it: the brokers
     * may be out of reach, and time must not go on then.
     */
    private void askForEnds() {
        Map<TopicPartition, ShardReading> open = new HashMap<>();
        forEachReading((_, reading) -> {
            if (!reading.isEnded()) {
                open.put(reading.partition(), reading);
            }
        });
        if (open.isEmpty()) {
            return;
        }
        long asked = clock.millis();
        Map<TopicPartition, Long> found = ends.endOffsets(open.keySet(), KAFKA_WAIT);
        open.forEach((partition, reading) -> {
            if (reading.position() >= found.getOrDefault(partition, Long.MAX_VALUE)) {
                reading.caughtUpAt(asked);
            }
        });
    }

    private Map<String, InputRead> take() {
        long nanos = System.nanoTime();
        Map<String, InputRead> reads = new TreeMap<>();
        for (Followed followed : inputs.values()) {
            StreamId stream = followed.stream;
            if (stream == null) {
                continue;
            }
            Map<Long, ShardRead> shards = new TreeMap<>();
            followed.readings.forEach((id, reading) -> shards.put(id.index(), reading.take(nanos)));
            followed.readings
                    .entrySet()
                    .removeIf(entry -> {
                        boolean ended = entry.getValue().isEnded();
                        if (ended) {
                            followed.ended.add(entry.getKey());
                        }
                        return ended;
                    });
            reads.put(
                    followed.input.name(),
                    new InputRead(stream.toString(), shards, present(followed)));
        }
        return reads;
    }

    /** The shards that the stream has; what is ended and not among them is forgotten here, too. */
    private Optional<Set<Long>> present(Followed followed) {
        Optional<Set<Long>> present =
                stream(followed)
                        .filter(stream -> stream.state().id().equals(followed.stream))
                        .map(stream ->
                                stream.shards().stream()
                                        .map(shard -> shard.id().index())
                                        .collect(Collectors.toSet()));
        present.ifPresent(
                shards -> followed.ended.removeIf(ended -> !shards.contains(ended.index())));
        return present;
    }

    private interface Visitor {
        void visit(Followed followed, ShardReading reading);
    }

    private void forEachReading(Visitor visitor) {
        inputs.values()
                .forEach(followed ->
                        followed.readings
                                .values()
                                .forEach(reading -> visitor.visit(followed, reading)));
    }
}
