/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamConsumer;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * What goes through this gateway, by stream. A stream takes memory here once something went through
 * it, and until it is deleted.
 */
public final class Traffic {

    private final LongSupplier nanoTime;
    private final Map<StreamId, StreamTraffic> streams = new ConcurrentHashMap<>();

    /**
     * @param nanoTime {@code System::nanoTime}
     */
    public Traffic(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    public StreamTraffic of(StreamState stream) {
        StreamTraffic known = streams.get(stream.id());
        return known != null
                ? known
                : streams.computeIfAbsent(
                        stream.id(), _ -> new StreamTraffic(stream.name(), nanoTime));
    }

    public long nanoTime() {
        return nanoTime.getAsLong();
    }

    Map<StreamId, StreamTraffic> all() {
        return streams;
    }

    /** Forgets streams, shards and consumers that are gone. */
    public void prune(ShardMap map) {
        Map<StreamId, StreamView> left = new HashMap<>();
        map.streams().forEach(stream -> left.put(stream.state().id(), stream));
        streams.keySet().retainAll(left.keySet());
        streams.forEach((id, traffic) -> {
            StreamView stream = left.get(id);
            if (stream != null) {
                traffic.keep(shardIds(stream), consumers(stream));
            }
        });
    }

    private static Set<ShardId> shardIds(StreamView stream) {
        return stream.shards().stream().map(Shard::id).collect(Collectors.toSet());
    }

    private static Set<ConsumerName> consumers(StreamView stream) {
        return stream.state().consumers().stream()
                .map(StreamConsumer::name)
                .collect(Collectors.toSet());
    }
}
