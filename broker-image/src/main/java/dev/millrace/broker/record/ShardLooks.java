/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.shard.Shard;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamView;
import dev.millrace.shard.queue.Found;
import dev.millrace.shard.queue.ShardLook;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** Looks which records shards have, for the keepers of queues. */
public final class ShardLooks {

    /** How long a look at the end of a shard waits for a record. */
    private static final Duration WAIT = Duration.ofSeconds(1);

    /** What one fetch brings. */
    private static final int BYTES_MAX = 1024 * 1024;

    private final Supplier<ShardMap> map;
    private final StoredRecords records;

    public ShardLooks(Supplier<ShardMap> map, RecordLog log, InstantSource clock) {
        this.map = map;
        this.records = new StoredRecords(log, clock);
    }

    /**
     * What is there, as soon as there is something.
     *
     * @return none if the shard is not there
     */
    public Optional<Found> take(ShardLook look) {
        Optional<StreamView> stream =
                map.get().stream(look.stream())
                        .filter(view -> view.state().id().equals(look.streamId()));
        Optional<Shard> shard = stream.flatMap(view -> view.shard(look.shard()));
        return shard.map(found -> {
            Batch batch =
                    records.read(
                            stream.orElseThrow().state(),
                            found,
                            look.from(),
                            look.recordsMax(),
                            BYTES_MAX,
                            WAIT);
            return new Found(
                    batch.entries().stream()
                            .map(entry ->
                                    new Found.Item(
                                            entry.offset(),
                                            Instant.ofEpochMilli(entry.timestampMillis()),
                                            entry.size()))
                            .toList(),
                    batch.nextOffset());
        });
    }
}
