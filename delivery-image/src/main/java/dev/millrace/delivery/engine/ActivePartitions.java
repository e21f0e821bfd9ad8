/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import dev.millrace.delivery.batch.BufferKey;
import java.util.HashMap;
import java.util.Map;

/**
 * The partitions of dynamic partitioning that a worker has records of which are not delivered yet,
 * over all shards that it owns, and how many there may be. For one thread.
 */
public final class ActivePartitions {

    private final int max;

    /** How many batches each has. */
    private final Map<BufferKey.Data, Integer> batches = new HashMap<>();

    public ActivePartitions(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("At least one partition is active, not " + max);
        }
        this.max = max;
    }

    /** How many there are. */
    public int count() {
        return batches.size();
    }

    /** Whether a batch of the key would make it no more than there may be. */
    boolean hasRoomFor(BufferKey key) {
        return !isPartition(key) || batches.size() < max || batches.containsKey(key);
    }

    /** A batch is there, whether there is room for it or not. */
    void enter(BufferKey key) {
        if (isPartition(key)) {
            batches.merge((BufferKey.Data) key, 1, Integer::sum);
        }
    }

    /** A batch is delivered, or another worker's. */
    void leave(BufferKey key) {
        if (isPartition(key)) {
            batches.computeIfPresent(
                    (BufferKey.Data) key, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    private static boolean isPartition(BufferKey key) {
        return key instanceof BufferKey.Data data && !data.equals(BufferKey.Data.ALL);
    }
}
