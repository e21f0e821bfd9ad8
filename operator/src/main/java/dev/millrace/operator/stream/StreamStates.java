/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.shard.StreamName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * How the streams of each pool stood when they were last listed. Safe for many threads; holds one
 * entry a pool that exists.
 */
final class StreamStates {

    private static final Duration STORAGE_EVERY = Duration.ofMinutes(1);

    private final Map<PoolRef, Snapshot> pools = new ConcurrentHashMap<>();

    private record Learned(StreamStateView state, Instant at) {}

    /**
     * What is known of a pool.
     *
     * @param storageAt when the figures of storage were last taken from a list
     */
    private record Snapshot(
            PoolStreams streams, Map<StreamName, Learned> learned, Instant storageAt) {}

    /** The streams of the pool, or empty before they were listed for the first time. */
    Optional<PoolStreams> of(PoolRef pool) {
        return Optional.ofNullable(pools.get(pool)).map(Snapshot::streams);
    }

    /**
     * Takes a list that was asked for at a time. A state that ApplyStream answered later than that
     * stays: the list may be older, and would show a stream going back to where it was.
     *
     * @return the streams whose state is another than before, and those that were deleted since
     */
    Set<StreamName> listed(PoolRef pool, PoolStreams list, Instant askedAt) {
        Set<StreamName> changed = new HashSet<>();
        pools.compute(
                pool,
                (_, before) -> {
                    Snapshot after = merged(Optional.ofNullable(before), list, askedAt);
                    changed.addAll(
                            before == null
                                    ? names(after.streams())
                                    : changes(before.streams(), after.streams()));
                    return after;
                });
        return changed;
    }

    /** Takes the state that ApplyStream answered. */
    void learned(PoolRef pool, StreamStateView state, Instant at) {
        pools.computeIfPresent(
                pool,
                (_, before) -> {
                    Map<StreamName, Learned> learned = new HashMap<>(before.learned());
                    learned.put(state.name(), new Learned(state, at));
                    return new Snapshot(before.streams().with(state), learned, before.storageAt());
                });
    }

    void forget(PoolRef pool) {
        pools.remove(pool);
    }

    private static Snapshot merged(Optional<Snapshot> before, PoolStreams list, Instant askedAt) {
        Map<StreamName, Learned> stillNewer =
                before.map(Snapshot::learned).orElse(Map.of()).entrySet().stream()
                        .filter(entry -> !entry.getValue().at().isBefore(askedAt))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        boolean sameStorage =
                before.isPresent()
                        && askedAt.isBefore(before.get().storageAt().plus(STORAGE_EVERY));
        PoolStreams streams = sameStorage ? withStorageOf(before.get().streams(), list) : list;
        for (Learned learned : stillNewer.values()) {
            streams = streams.with(learned.state());
        }
        return new Snapshot(streams, stillNewer, sameStorage ? before.get().storageAt() : askedAt);
    }

    /** Gateways look at different times: each list would show other figures than the one before. */
    private static PoolStreams withStorageOf(PoolStreams before, PoolStreams list) {
        Map<StreamName, StreamStateView> known = byName(before);
        return new PoolStreams(
                list.streams().stream()
                        .map(state ->
                                Optional.ofNullable(known.get(state.name()))
                                        .flatMap(StreamStateView::storage)
                                        .map(storage -> state.with(Optional.of(storage)))
                                        .orElse(state))
                        .toList(),
                list.deleted());
    }

    private static Set<StreamName> names(PoolStreams streams) {
        Set<StreamName> names =
                streams.streams().stream()
                        .map(StreamStateView::name)
                        .collect(Collectors.toCollection(HashSet::new));
        streams.deleted().forEach(deleted -> names.add(deleted.name()));
        return names;
    }

    private static Set<StreamName> changes(PoolStreams before, PoolStreams after) {
        Map<StreamName, StreamStateView> then = byName(before);
        Map<StreamName, StreamStateView> now = byName(after);
        Set<StreamName> changed = new HashSet<>();
        now.forEach((name, state) -> {
            if (!state.equals(then.get(name))) {
                changed.add(name);
            }
        });
        then.keySet().stream().filter(name -> !now.containsKey(name)).forEach(changed::add);
        Set<PoolStreams.Deleted> known = new HashSet<>(before.deleted());
        after.deleted().stream()
                .filter(deleted -> !known.contains(deleted))
                .map(PoolStreams.Deleted::name)
                .forEach(changed::add);
        return changed;
    }

    private static Map<StreamName, StreamStateView> byName(PoolStreams streams) {
        return streams.streams().stream()
                .collect(Collectors.toMap(StreamStateView::name, state -> state));
    }
}
