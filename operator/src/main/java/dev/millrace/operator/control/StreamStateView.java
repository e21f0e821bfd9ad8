/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamStatus;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A stream as its pool's gateway sees it.
 *
 * @param ownerUid the uid of the Stream resource that it belongs to; none when it was made through
 *     the Kinesis API and nobody has adopted it
 * @param targetShardCount the open shards that it has or is heading for
 * @param delivery the definition of the delivery stream that it belongs to, JSON
 * @param storage what it takes of the volumes; only in lists, and not in the first minute
 */
public record StreamStateView(
        StreamName name,
        StreamId id,
        Optional<String> ownerUid,
        String arn,
        StreamStatus status,
        StreamMode mode,
        int openShardCount,
        int closedShardCount,
        int targetShardCount,
        int retentionPeriodHours,
        int maxRecordSizeKiB,
        Instant createdAt,
        String topic,
        LimitsProfile limits,
        Map<String, String> tags,
        OnDemandBounds onDemand,
        Optional<Running> reshard,
        Optional<Finished> lastReshard,
        Optional<String> delivery,
        Optional<Storage> storage) {

    public StreamStateView {
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /** The same with other figures of its storage. */
    public StreamStateView with(Optional<Storage> figures) {
        return new StreamStateView(
                name,
                id,
                ownerUid,
                arn,
                status,
                mode,
                openShardCount,
                closedShardCount,
                targetShardCount,
                retentionPeriodHours,
                maxRecordSizeKiB,
                createdAt,
                topic,
                limits,
                tags,
                onDemand,
                reshard,
                lastReshard,
                delivery,
                figures);
    }

    /** Whether it is on its way to another state by itself. */
    public boolean isMoving() {
        return status != StreamStatus.ACTIVE || reshard.isPresent();
    }

    /**
     * A reshard on its way: step of steps splits and merges are done.
     *
     * @param reason why the load of an on-demand stream asked for it
     */
    public record Running(
            long id,
            int from,
            int target,
            int step,
            int steps,
            Instant startedAt,
            Optional<String> reason) {}

    /**
     * What it takes of the volumes.
     *
     * @param bytes of all copies together
     * @param growthPerSecond bytes that are written to one copy; none until it was measured
     */
    public record Storage(long bytes, int replicas, Optional<Long> growthPerSecond) {}

    /** The last reshard that ended. */
    public record Finished(
            long id, int from, int target, Instant finishedAt, Optional<String> reason) {}
}
