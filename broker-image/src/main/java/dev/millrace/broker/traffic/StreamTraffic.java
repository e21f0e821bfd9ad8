/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import dev.millrace.broker.traffic.PutTally.OfShard;
import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.ShardLoad;
import dev.millrace.shard.map.ShardLevelMetric;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What went through one stream on this gateway. Safe to use from any thread. */
public final class StreamTraffic {

    private final StreamName name;
    private final LongSupplier nanoTime;
    private final LongAdder[] counters = new LongAdder[StreamMetric.values().length];
    private final Map<TimedOperation, Latency> latencies = new EnumMap<>(TimedOperation.class);
    private final RecentMax iteratorAge = new RecentMax();
    private final Map<ShardId, ShardTraffic> shards = new ConcurrentHashMap<>();
    private final Map<ConsumerName, RecentMax> behind = new ConcurrentHashMap<>();

    StreamTraffic(StreamName name, LongSupplier nanoTime) {
        this.name = name;
        this.nanoTime = nanoTime;
        for (int i = 0; i < counters.length; i++) {
            counters[i] = new LongAdder();
        }
        for (TimedOperation operation : TimedOperation.values()) {
            latencies.put(operation, new Latency());
        }
    }

    /** Counts a PutRecord. */
    public void putRecord(PutTally tally, long tookNanos) {
        latency(TimedOperation.PUT_RECORD).add(tookNanos);
        if (tally.appended() > 0) {
            add(StreamMetric.PUT_RECORD_SUCCESS, 1);
            add(StreamMetric.PUT_RECORD_BYTES, tally.bytes());
        }
        incoming(tally);
    }

    /** Counts a PutRecords. */
    public void putRecords(PutTally tally, long tookNanos) {
        latency(TimedOperation.PUT_RECORDS).add(tookNanos);
        add(StreamMetric.PUT_RECORDS_TOTAL_RECORDS, tally.total());
        add(StreamMetric.PUT_RECORDS_FAILED_RECORDS, tally.failed());
        add(StreamMetric.PUT_RECORDS_THROTTLED_RECORDS, tally.throttled());
        if (tally.appended() > 0) {
            add(StreamMetric.PUT_RECORDS_SUCCESS, 1);
            add(StreamMetric.PUT_RECORDS_SUCCESSFUL_RECORDS, tally.appended());
            add(StreamMetric.PUT_RECORDS_BYTES, tally.bytes());
        }
        incoming(tally);
    }

    private void incoming(PutTally tally) {
        add(StreamMetric.INCOMING_BYTES, tally.bytes());
        add(StreamMetric.INCOMING_RECORDS, tally.appended());
        add(StreamMetric.WRITE_PROVISIONED_THROUGHPUT_EXCEEDED, tally.throttled());
        for (OfShard ofShard : tally.shards()) {
            ShardTraffic shard = shard(ofShard.shard());
            shard.add(ShardLevelMetric.INCOMING_BYTES, ofShard.bytes());
            shard.add(ShardLevelMetric.INCOMING_RECORDS, ofShard.records());
            ofShard.samples().forEach(shard::sample);
        }
    }

    /** Counts a record that a shard's limit refused. */
    public void writeExceeded(ShardId shard) {
        shard(shard).add(ShardLevelMetric.WRITE_PROVISIONED_THROUGHPUT_EXCEEDED, 1);
    }

    /**
     * Counts a GetRecords.
     *
     * @param millisBehind how old the last record was, 0 at the tip
     */
    public void getRecords(
            ShardId shard, long bytes, long records, long millisBehind, long tookNanos) {
        latency(TimedOperation.GET_RECORDS).add(tookNanos);
        add(StreamMetric.GET_RECORDS_SUCCESS, 1);
        add(StreamMetric.GET_RECORDS_BYTES, bytes);
        add(StreamMetric.GET_RECORDS_RECORDS, records);
        long now = nanoTime.getAsLong();
        iteratorAge.add(millisBehind, now);
        outgoing(shard, bytes, records);
        shard(shard).age(millisBehind, now);
    }

    /** Counts a GetRecords that a shard's limit refused. */
    public void readExceeded(ShardId shard) {
        add(StreamMetric.READ_PROVISIONED_THROUGHPUT_EXCEEDED, 1);
        shard(shard).add(ShardLevelMetric.READ_PROVISIONED_THROUGHPUT_EXCEEDED, 1);
    }

    /** Counts a subscription that begins. */
    public void subscribed() {
        add(StreamMetric.SUBSCRIBE_TO_SHARD_SUCCESS, 1);
    }

    /** A subscription was refused since there are enough. */
    public void subscriptionRefused() {
        add(StreamMetric.SUBSCRIBE_TO_SHARD_RATE_EXCEEDED, 1);
    }

    /** Counts an event of a subscription. */
    public void event(
            ConsumerName consumer, ShardId shard, long bytes, long records, long millisBehind) {
        add(StreamMetric.SUBSCRIBE_TO_SHARD_EVENT_SUCCESS, 1);
        add(StreamMetric.SUBSCRIBE_TO_SHARD_EVENT_BYTES, bytes);
        add(StreamMetric.SUBSCRIBE_TO_SHARD_EVENT_RECORDS, records);
        outgoing(shard, bytes, records);
        behind.computeIfAbsent(consumer, _ -> new RecentMax())
                .add(millisBehind, nanoTime.getAsLong());
    }

    private void outgoing(ShardId shard, long bytes, long records) {
        if (records > 0) {
            shard(shard).add(ShardLevelMetric.OUTGOING_BYTES, bytes);
            shard(shard).add(ShardLevelMetric.OUTGOING_RECORDS, records);
        }
    }

    StreamName name() {
        return name;
    }

    long value(StreamMetric metric) {
        return counters[metric.ordinal()].sum();
    }

    Latency latency(TimedOperation operation) {
        return java.util.Objects.requireNonNull(latencies.get(operation));
    }

    long iteratorAgeMillis() {
        return iteratorAge.get(nanoTime.getAsLong());
    }

    Map<ConsumerName, Long> millisBehindByConsumer() {
        Map<ConsumerName, Long> values = new java.util.TreeMap<>();
        behind.forEach((consumer, max) -> values.put(consumer, max.get(nanoTime.getAsLong())));
        return values;
    }

    Map<ShardId, ShardTraffic> shards() {
        return shards;
    }

    /** What came since the last report, shard by shard. One thread calls this. */
    List<ShardLoad> report() {
        List<ShardLoad> loads = new ArrayList<>();
        shards.forEach((id, shard) -> shard.report(id).ifPresent(loads::add));
        return loads;
    }

    /** Forgets shards and consumers that are gone. */
    void keep(Set<ShardId> shardsLeft, Set<ConsumerName> consumersLeft) {
        shards.keySet().retainAll(shardsLeft);
        behind.keySet().retainAll(consumersLeft);
    }

    private void add(StreamMetric metric, long amount) {
        if (amount != 0) {
            counters[metric.ordinal()].add(amount);
        }
    }

    private ShardTraffic shard(ShardId id) {
        ShardTraffic known = shards.get(id);
        return known != null ? known : shards.computeIfAbsent(id, _ -> new ShardTraffic());
    }
}
