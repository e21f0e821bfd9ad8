/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.shard.StreamName;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The Stream resources, by pool and by the stream that they claim. */
final class StreamIndex {

    private static final String BY_POOL = "pool";
    private static final String BY_CLAIM = "claim";

    private final AtomicReference<Optional<IndexerResourceCache<Stream>>> cache =
            new AtomicReference<>(Optional.empty());

    /** Called once, before the cache is filled. */
    void over(IndexerResourceCache<Stream> streams) {
        streams.addIndexer(BY_POOL, stream -> List.of(StreamFacts.pool(stream).toString()));
        streams.addIndexer(
                BY_CLAIM,
                stream ->
                        StreamFacts.streamName(stream)
                                .map(name -> List.of(key(StreamFacts.pool(stream), name)))
                                .orElse(List.of()));
        cache.set(Optional.of(streams));
    }

    /** Whether it knows the resources: before that nothing may be concluded from their absence. */
    boolean isKnown() {
        return cache.get().isPresent();
    }

    List<Stream> ofPool(PoolRef pool) {
        return byIndex(BY_POOL, pool.toString());
    }

    /** Those that claim the stream, the oldest first. */
    List<Stream> claiming(PoolRef pool, StreamName name) {
        return byIndex(BY_CLAIM, key(pool, name)).stream()
                .sorted(
                        Comparator.comparing((Stream stream) ->
                                        stream.getMetadata().getCreationTimestamp())
                                .thenComparing(stream -> stream.getMetadata().getUid()))
                .toList();
    }

    private List<Stream> byIndex(String index, String key) {
        return cache.get().map(streams -> streams.byIndex(index, key)).orElse(List.of());
    }

    private static String key(PoolRef pool, StreamName name) {
        return pool + "/" + name;
    }
}
