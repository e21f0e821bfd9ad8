/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import dev.millrace.shard.ShardId;

/**
 * Records of one shard that a query reads.
 *
 * @param from the first offset
 * @param to the offset behind the last one
 * @param minRowtime rows that happened before, in milliseconds since 1970, are left out; {@link
 *     #ALL} leaves none out
 */
public record ScanRange(ShardId shard, long from, long to, long minRowtime) {

    /** No row is too old. */
    public static final long ALL = Long.MIN_VALUE;

    public ScanRange {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("Not a range of offsets: " + from + " to " + to);
        }
    }

    public ScanRange(ShardId shard, long from, long to) {
        this(shard, from, to, ALL);
    }
}
