/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Partition;
import dev.millrace.shard.Shard;
import dev.millrace.shard.map.StreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The records of shards as they are stored: none behind a shard's end, none past retention. */
final class StoredRecords {

    private final RecordLog log;
    private final InstantSource clock;

    StoredRecords(RecordLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    /**
     * Records from an offset on.
     *
     * @param wait how long to wait for a record where there is none yet
     */
    Batch read(
            StreamState stream,
            Shard shard,
            long offset,
            int recordsMax,
            int bytesMax,
            Duration wait) {
        Partition partition = partition(stream, shard);
        long from = Math.max(offset, shard.firstOffset());
        long to = endOf(shard).orElse(Long.MAX_VALUE);
        if (from >= to) {
            return new Batch(List.of(), from, from);
        }
        Batch batch = log.follow(partition, from, to, recordsMax, bytesMax, wait);
        Instant horizon =
                clock.instant().minus(Duration.ofHours(stream.settings().retentionHours()));
        boolean expired =
                !batch.entries().isEmpty()
                        && batch.entries().getFirst().timestampMillis() < horizon.toEpochMilli();
        if (!expired) {
            return batch;
        }
        // Kafka deletes whole segments, so that it still has records that are past retention.
        long kept = Math.min(to, log.offsetForTime(partition, horizon));
        return kept >= to
                ? new Batch(List.of(), to, to)
                : log.read(partition, kept, to, recordsMax, bytesMax);
    }

    static Partition partition(StreamState stream, Shard shard) {
        return new Partition(stream.id(), stream.topic(), shard.partition());
    }

    /** Where a closed shard ends. */
    static Optional<Long> endOf(Shard shard) {
        return shard.phase() instanceof Shard.Closed closed
                ? Optional.of(closed.endOffset())
                : Optional.empty();
    }
}
