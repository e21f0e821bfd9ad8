/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.demand;

/**
 * How far the load of an on-demand stream may move the number of its shards.
 *
 * @param minShards the fewest open shards
 * @param maxShards the most open shards
 * @param shardKiBPerSecond how much a shard is meant to take a second, in KiB of data and partition
 *     keys, and as many records: Amazon's shards take 1,024
 */
public record OnDemandBounds(int minShards, int maxShards, int shardKiBPerSecond) {

    public static final OnDemandBounds DEFAULT = new OnDemandBounds(4, 200, 1_024);

    public OnDemandBounds {
        if (minShards < 1 || maxShards < minShards || shardKiBPerSecond < 1) {
            throw new IllegalArgumentException(
                    "Not bounds: %d to %d shards of %d KiB/s"
                            .formatted(minShards, maxShards, shardKiBPerSecond));
        }
    }

    /** How much of a shard's share is used: 1 is all of it. */
    double use(double bytesPerSecond, double recordsPerSecond) {
        return Math.max(
                bytesPerSecond / (shardKiBPerSecond * 1_024.0),
                recordsPerSecond / shardKiBPerSecond);
    }
}
