/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import dev.millrace.table.ScanRange;
import dev.millrace.table.ScanRanges;
import dev.millrace.table.TableDescription;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplitManager;
import io.trino.spi.connector.ConnectorSplitSource;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.connector.Constraint;
import io.trino.spi.connector.DynamicFilter;
import io.trino.spi.connector.FixedSplitSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Divides what a query reads among threads: by shards, and large shards by offsets. */
final class StreamSplits implements ConnectorSplitManager {

    /** A thread is worth its start for this many records. */
    private static final long SPLIT_MIN = 50_000;

    private static final int SPLITS_WANTED = 32;
    private static final Duration KAFKA_WAIT = Duration.ofSeconds(20);

    private final Pool pool;
    private final InstantSource clock;

    StreamSplits(Pool pool, InstantSource clock) {
        this.pool = pool;
        this.clock = clock;
    }

    @Override
    public ConnectorSplitSource getSplits(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorTableHandle handle,
            DynamicFilter dynamicFilter,
            Constraint constraint) {
        StreamTable table = (StreamTable) handle;
        if (table.isPut()) {
            throw new TrinoException(
                    StandardErrorCode.NOT_SUPPORTED,
                    "This table only takes INSERT; read it by its name without $put");
        }
        ScanRanges exact = table.ranges().map(ScanRanges::parse).orElse(new ScanRanges(List.of()));
        StreamView stream = stream(TableDescription.parse(table.description()), exact);
        ScanRanges ranges = table.ranges().isPresent() ? exact : retained(stream, table.bounds());
        long size = Math.max(SPLIT_MIN, ranges.span() / SPLITS_WANTED + 1);
        List<StreamSplit> splits = new ArrayList<>();
        for (ScanRange range : ranges.ranges()) {
            add(splits, stream, range, table, size);
        }
        return new FixedSplitSource(splits);
    }

    /** How many offsets a scan would read: as many rows at most, but for those that KPL made. */
    long offsets(StreamTable table) {
        if (table.ranges().isPresent()) {
            return ScanRanges.parse(table.ranges().get()).span();
        }
        StreamView stream =
                stream(TableDescription.parse(table.description()), new ScanRanges(List.of()));
        Bounds bounds = table.bounds();
        return retained(stream, bounds).ranges().stream()
                .mapToLong(range ->
                        Math.max(
                                0,
                                Math.min(range.to() - 1, bounds.toOffset())
                                        - Math.max(range.from(), bounds.fromOffset())
                                        + 1))
                .sum();
    }

    private StreamView stream(TableDescription table, ScanRanges ranges) {
        ShardId newest =
                ranges.ranges().stream()
                        .map(ScanRange::shard)
                        .max(ShardId::compareTo)
                        .orElse(new ShardId(0));
        return pool.stream(table.stream(), newest)
                .orElseThrow(() ->
                        new TrinoException(
                                StandardErrorCode.TABLE_NOT_FOUND,
                                "There is no stream " + table.stream() + " in the pool"));
    }

    private void add(
            List<StreamSplit> splits,
            StreamView stream,
            ScanRange range,
            StreamTable table,
            long size) {
        StreamState state = stream.state();
        Shard shard =
                stream.shard(range.shard())
                        .orElseThrow(() ->
                                new TrinoException(
                                        StandardErrorCode.INVALID_ARGUMENTS,
                                        "Stream "
                                                + state.name()
                                                + " has no shard "
                                                + range.shard()));
        Bounds bounds = table.bounds();
        if (bounds.shards().isPresent() && !bounds.shards().get().contains(shard.id().index())) {
            return;
        }
        long from = Math.max(range.from(), bounds.fromOffset());
        long to =
                bounds.toOffset() == Long.MAX_VALUE
                        ? range.to()
                        : Math.min(range.to(), bounds.toOffset() + 1);
        // Who names offsets says what is to be read, however old it is.
        long minArrival =
                table.ranges().isPresent()
                        ? 0
                        : clock.millis()
                                - Duration.ofHours(state.settings().retentionHours()).toMillis();
        for (long at = from; at < to; at += size) {
            splits.add(
                    new StreamSplit(
                            state.topic(),
                            shard.partition(),
                            state.id().toString(),
                            shard.id().index(),
                            at,
                            Math.min(to, at + size),
                            Math.max(range.minRowtime(), bounds.fromRowtime()),
                            bounds.toRowtime(),
                            minArrival));
        }
    }

    /** All that can be read now, as far as the conditions leave it. */
    private ScanRanges retained(StreamView stream, Bounds bounds) {
        List<Shard> shards =
                stream.shards().stream()
                        .filter(shard ->
                                bounds.shards().isEmpty()
                                        || bounds.shards().get().contains(shard.id().index()))
                        .toList();
        String topic = stream.state().topic();
        List<TopicPartition> partitions =
                shards.stream()
                        .map(shard -> new TopicPartition(topic, shard.partition()))
                        .distinct()
                        .toList();
        KafkaConsumer<byte[], byte[]> consumer = pool.borrow();
        try {
            Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions, KAFKA_WAIT);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions, KAFKA_WAIT);
            Map<TopicPartition, Long> from = offsets(consumer, partitions, bounds.fromArrival(), 0);
            Map<TopicPartition, Long> to =
                    bounds.toArrival() == Long.MAX_VALUE
                            ? end
                            : offsets(consumer, partitions, bounds.toArrival() + 1, Long.MAX_VALUE);
            List<ScanRange> ranges = new ArrayList<>();
            for (Shard shard : shards) {
                TopicPartition partition = new TopicPartition(topic, shard.partition());
                long begun = begin.getOrDefault(partition, 0L);
                long ended = end.getOrDefault(partition, 0L);
                long first =
                        Math.max(
                                Math.max(shard.firstOffset(), begun),
                                from.getOrDefault(partition, ended));
                long last =
                        Math.min(Math.min(endOf(shard), ended), to.getOrDefault(partition, ended));
                if (first < last) {
                    ranges.add(new ScanRange(shard.id(), first, last));
                }
            }
            pool.giveBack(consumer);
            return new ScanRanges(ranges);
        } catch (KafkaException e) {
            consumer.close();
            throw new TrinoException(
                    StandardErrorCode.CATALOG_UNAVAILABLE, "The brokers do not answer: " + e, e);
        }
    }

    /** The first offsets at a time; none for a partition that has nothing as late. */
    private static Map<TopicPartition, Long> offsets(
            KafkaConsumer<byte[], byte[]> consumer,
            List<TopicPartition> partitions,
            long arrival,
            long ofAll) {
        Map<TopicPartition, Long> found = new HashMap<>();
        if (arrival <= 0) {
            partitions.forEach(partition -> found.put(partition, ofAll));
            return found;
        }
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(partition -> times.put(partition, arrival));
        for (Map.Entry<TopicPartition, OffsetAndTimestamp> entry :
                consumer.offsetsForTimes(times, KAFKA_WAIT).entrySet()) {
            if (entry.getValue() != null) {
                found.put(entry.getKey(), entry.getValue().offset());
            }
        }
        return found;
    }

    private static long endOf(Shard shard) {
        return shard.phase() instanceof Shard.Closed(long endOffset, var _)
                ? endOffset
                : Long.MAX_VALUE;
    }
}
