/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.demand.ShardLoad;
import dev.millrace.shard.map.ShardLevelMetric;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** What went through one shard on this gateway. Safe to use from any thread. */
final class ShardTraffic {

    private final LongAdder[] counters = new LongAdder[ShardLevelMetric.values().length];
    private final RecentMax iteratorAge = new RecentMax();
    private final KeySample keys = new KeySample();

    // Only the reporter's thread looks at these.
    private long reportedBytes;
    private long reportedRecords;

    ShardTraffic() {
        for (int i = 0; i < counters.length; i++) {
            counters[i] = new LongAdder();
        }
    }

    void add(ShardLevelMetric metric, long amount) {
        counters[metric.ordinal()].add(amount);
    }

    void sample(HashKey key) {
        keys.add(key);
    }

    void age(long millis, long nowNanos) {
        iteratorAge.add(millis, nowNanos);
    }

    long value(ShardLevelMetric metric, long nowNanos) {
        return metric == ShardLevelMetric.ITERATOR_AGE_MILLISECONDS
                ? iteratorAge.get(nowNanos)
                : counters[metric.ordinal()].sum();
    }

    /** What came since the last report; none if nothing did. One thread calls this. */
    Optional<ShardLoad> report(ShardId shard) {
        long bytes = counters[ShardLevelMetric.INCOMING_BYTES.ordinal()].sum();
        long records = counters[ShardLevelMetric.INCOMING_RECORDS.ordinal()].sum();
        if (records == reportedRecords) {
            return Optional.empty();
        }
        ShardLoad load =
                new ShardLoad(shard, bytes - reportedBytes, records - reportedRecords, keys.take());
        reportedBytes = bytes;
        reportedRecords = records;
        return Optional.of(load);
    }
}
