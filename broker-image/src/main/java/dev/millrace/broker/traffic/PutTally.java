/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.ShardId;
import java.util.ArrayList;
import java.util.List;

/** What became of the records of one request. Used by one thread. */
public final class PutTally {

    private static final int SAMPLE_EVERY = 16;

    private final List<OfShard> shards = new ArrayList<>(4);
    private long bytes;
    private long appended;
    private long throttled;
    private long failed;

    /** What one shard took. */
    static final class OfShard {
        private final ShardId shard;
        private long bytes;
        private long records;
        private final List<HashKey> samples = new ArrayList<>(2);

        private OfShard(ShardId shard) {
            this.shard = shard;
        }

        ShardId shard() {
            return shard;
        }

        long bytes() {
            return bytes;
        }

        long records() {
            return records;
        }

        /** The hash keys of some of the records. */
        List<HashKey> samples() {
            return samples;
        }
    }

    /** Counts a record that was put. */
    public void countAppended(ShardId shard, int size, HashKey key) {
        OfShard ofShard = find(shard);
        ofShard.bytes += size;
        ofShard.records++;
        if (ofShard.records % SAMPLE_EVERY == 1) {
            ofShard.samples.add(key);
        }
        bytes += size;
        appended++;
    }

    /** Counts a record beyond its shard's limit. */
    public void countThrottled() {
        throttled++;
    }

    /** Counts a record that failed for another reason. */
    public void countFailed() {
        failed++;
    }

    private OfShard find(ShardId shard) {
        for (OfShard ofShard : shards) {
            if (ofShard.shard.equals(shard)) {
                return ofShard;
            }
        }
        OfShard added = new OfShard(shard);
        shards.add(added);
        return added;
    }

    List<OfShard> shards() {
        return shards;
    }

    long bytes() {
        return bytes;
    }

    long appended() {
        return appended;
    }

    long throttled() {
        return throttled;
    }

    long failed() {
        return failed;
    }

    long total() {
        return appended + throttled + failed;
    }
}
