/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.input;

import dev.millrace.analytics.progress.ShardRead;
import dev.millrace.shard.Shard;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** A shard that is being read: what came since it was last taken. */
final class ShardReading {

    /** A part is not much larger: what one look at the brokers gives at most. */
    private static final int PART_ROWS = 5_000;

    private final TopicPartition partition;
    private Shard shard;
    private long takenTo;
    private long position;
    private final List<ShardRead.Part> parts = new ArrayList<>();
    private long partFrom;
    private long rows;
    private long minRowtime = Long.MAX_VALUE;
    private long maxRowtime = Long.MIN_VALUE;
    private long lastRowNanos;
    private long caughtUpAt = Long.MIN_VALUE;

    ShardReading(Shard shard, TopicPartition partition, long position, long nanos) {
        this.shard = shard;
        this.partition = partition;
        this.position = position;
        this.takenTo = position;
        this.partFrom = position;
        this.lastRowNanos = nanos;
    }

    TopicPartition partition() {
        return partition;
    }

    Shard shard() {
        return shard;
    }

    void update(Shard latest) {
        shard = latest;
    }

    long position() {
        return position;
    }

    /** The offset behind the shard's last record; it has none while it is open. */
    long end() {
        return shard.phase() instanceof Shard.Closed(long endOffset, var _)
                ? endOffset
                : Long.MAX_VALUE;
    }

    boolean isEnded() {
        return position >= end();
    }

    void row(long rowtime, long nanos) {
        rows++;
        minRowtime = Math.min(minRowtime, rowtime);
        maxRowtime = Math.max(maxRowtime, rowtime);
        lastRowNanos = nanos;
    }

    void readTo(long offset) {
        position = Math.max(position, Math.min(offset, end()));
        if (rows >= PART_ROWS) {
            endPart();
        }
    }

    private void endPart() {
        parts.add(new ShardRead.Part(partFrom, position, rows, minRowtime, maxRowtime));
        partFrom = position;
        rows = 0;
        minRowtime = Long.MAX_VALUE;
        maxRowtime = Long.MIN_VALUE;
    }

    void caughtUpAt(long millis) {
        caughtUpAt = millis;
    }

    /** What came since the last call. */
    ShardRead take(long nanos) {
        if (rows > 0) {
            endPart();
        } else if (!parts.isEmpty()) {
            ShardRead.Part last = parts.removeLast();
            parts.add(
                    new ShardRead.Part(
                            last.from(),
                            position,
                            last.rows(),
                            last.minRowtime(),
                            last.maxRowtime()));
        }
        ShardRead read =
                new ShardRead(
                        shard.parents(),
                        takenTo,
                        position,
                        parts,
                        isEnded(),
                        caughtUpAt,
                        (nanos - lastRowNanos) / 1_000_000);
        takenTo = position;
        partFrom = position;
        parts.clear();
        caughtUpAt = Long.MIN_VALUE;
        return read;
    }
}
