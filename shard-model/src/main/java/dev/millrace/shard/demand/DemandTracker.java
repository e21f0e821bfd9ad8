/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.demand;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Watches the load of one on-demand stream, window by window, and says when its shards should be
 * others. A shard that is hot is split where its records are, so that the parts take about half of
 * what a shard is meant to take; neighbours that have been cold for long are merged. What is split
 * at 80 % is not merged until both halves together are below 40 %, and a new shard has to be cold
 * for two minutes by itself: so a load that stays as it is moves nothing.
 *
 * <p>One hash key cannot be split: a shard whose records all have one stays as it is.
 *
 * <p>Not thread-safe. May be forgotten at any time: the next one only begins to watch later.
 */
public final class DemandTracker {

    /** What a window lasts. Gateways report more often. */
    public static final Duration WINDOW = Duration.ofSeconds(10);

    static final double HOT = 0.8;
    static final double VERY_HOT = 2.0;
    static final double AIM = 0.5;
    static final double COLD = 0.4;

    /** A shard is split that is hot for so many windows, or very hot for one. */
    static final int HOT_WINDOWS = 2;

    static final int COLD_WINDOWS = 12;
    private static final int PARTS_MAX = 8;

    private final Map<ShardId, ShardLoad> window = new HashMap<>();
    private Map<ShardId, Streak> streaks = new HashMap<>();
    private Instant windowBegan;

    /** For how many windows in a row a shard was hot or cold. */
    private record Streak(int hot, int cold, double use) {
        private static final Streak NONE = new Streak(0, 0, 0);

        Streak another(double newUse) {
            return new Streak(newUse > HOT ? hot + 1 : 0, newUse < COLD ? cold + 1 : 0, newUse);
        }

        boolean asksForSplit() {
            return hot >= HOT_WINDOWS || use > VERY_HOT;
        }
    }

    public DemandTracker(Instant now) {
        this.windowBegan = now;
    }

    /** Counts what a gateway saw. */
    public void add(ShardLoad load) {
        window.merge(load.shard(), load, ShardLoad::plus);
    }

    /**
     * Ends the window if its time is over.
     *
     * @param open the open shards in the order of their ranges
     * @return other shards, if the load asks for them
     */
    public Optional<Scaling> look(List<Shard> open, OnDemandBounds bounds, Instant now) {
        Duration length = Duration.between(windowBegan, now);
        if (length.compareTo(WINDOW) < 0) {
            return Optional.empty();
        }
        double seconds = length.toMillis() / 1_000.0;
        Map<ShardId, Streak> next = new HashMap<>();
        for (Shard shard : open) {
            ShardLoad load = load(shard);
            double use = bounds.use(load.bytes() / seconds, load.records() / seconds);
            next.put(shard.id(), streaks.getOrDefault(shard.id(), Streak.NONE).another(use));
        }
        streaks = next;
        Optional<Scaling> scaling = decide(open, bounds);
        window.clear();
        windowBegan = now;
        return scaling;
    }

    private ShardLoad load(Shard shard) {
        return window.getOrDefault(shard.id(), new ShardLoad(shard.id(), 0, 0, List.of()));
    }

    private Optional<Scaling> decide(List<Shard> open, OnDemandBounds bounds) {
        if (open.size() < bounds.minShards()) {
            return Optional.of(
                    uniform(
                            bounds.minShards(),
                            "The stream has at least %d shards".formatted(bounds.minShards())));
        }
        if (open.size() > bounds.maxShards()) {
            return Optional.of(
                    uniform(
                            bounds.maxShards(),
                            "The stream has at most %d shards".formatted(bounds.maxShards())));
        }
        NavigableSet<HashKey> boundaries = new TreeSet<>();
        open.forEach(shard -> boundaries.add(shard.range().start()));
        boundaries.remove(HashKey.MIN);
        Optional<String> split = split(open, bounds, boundaries);
        Optional<String> reason = split.isPresent() ? split : merge(open, bounds, boundaries);
        return reason.map(text -> new Scaling(List.copyOf(boundaries), text));
    }

    private static Scaling uniform(int shards, String reason) {
        return new Scaling(
                HashKeyRange.uniform(shards).stream().skip(1).map(HashKeyRange::start).toList(),
                reason);
    }

    /** Adds boundaries to hot shards, the hottest first, for as long as there may be more. */
    private Optional<String> split(
            List<Shard> open, OnDemandBounds bounds, NavigableSet<HashKey> boundaries) {
        List<Shard> hot = new ArrayList<>(open);
        hot.removeIf(shard -> !streak(shard).asksForSplit());
        hot.sort((a, b) -> Double.compare(streak(b).use(), streak(a).use()));
        Optional<String> reason = Optional.empty();
        for (Shard shard : hot) {
            int room = bounds.maxShards() - boundaries.size() - 1;
            int parts = (int) Math.min(PARTS_MAX, Math.ceil(streak(shard).use() / AIM));
            NavigableSet<HashKey> cuts =
                    cuts(shard.range(), load(shard).keys(), Math.min(parts, room + 1));
            if (cuts.isEmpty()) {
                continue;
            }
            boundaries.addAll(cuts);
            if (reason.isEmpty()) {
                reason =
                        Optional.of(
                                "%s took %.0f %% of what a shard is meant to take"
                                        .formatted(shard.id(), 100 * streak(shard).use()));
            }
        }
        return reason;
    }

    /** Where to cut a range so that the keys fall into parts of about the same size. */
    private static NavigableSet<HashKey> cuts(HashKeyRange range, List<HashKey> keys, int parts) {
        NavigableSet<HashKey> cuts = new TreeSet<>();
        List<HashKey> sorted = new ArrayList<>(keys);
        sorted.removeIf(key -> !range.contains(key));
        sorted.sort(null);
        for (int part = 1; part < parts; part++) {
            int at = part * sorted.size() / parts;
            if (at < sorted.size()) {
                cutBefore(range, sorted, at).ifPresent(cuts::add);
            }
        }
        return cuts;
    }

    /**
     * A cut as near as can be to a place between sorted keys: before the first of the keys that are
     * equal to it, or behind the last of them.
     */
    private static Optional<HashKey> cutBefore(HashKeyRange range, List<HashKey> sorted, int at) {
        HashKey key = sorted.get(at);
        if (sorted.getFirst().compareTo(key) < 0) {
            return Optional.of(key);
        }
        // All up to here are one key: it gets a shard for itself, if there is anything behind it.
        return sorted.getLast().compareTo(key) > 0 && key.compareTo(range.end()) < 0
                ? Optional.of(key.next())
                : Optional.empty();
    }

    /** Takes away boundaries between neighbours that have been cold for long. */
    private Optional<String> merge(
            List<Shard> open, OnDemandBounds bounds, NavigableSet<HashKey> boundaries) {
        Optional<String> reason = Optional.empty();
        int i = 0;
        while (i + 1 < open.size() && boundaries.size() + 1 > bounds.minShards()) {
            Shard low = open.get(i);
            Shard high = open.get(i + 1);
            boolean cold =
                    streak(low).cold() >= COLD_WINDOWS
                            && streak(high).cold() >= COLD_WINDOWS
                            && streak(low).use() + streak(high).use() < COLD;
            if (!cold) {
                i++;
                continue;
            }
            boundaries.remove(high.range().start());
            if (reason.isEmpty()) {
                reason =
                        Optional.of(
                                "%s and %s together took %.0f %% of what a shard is meant to take"
                                        .formatted(
                                                low.id(),
                                                high.id(),
                                                100 * (streak(low).use() + streak(high).use())));
            }
            i += 2;
        }
        return reason;
    }

    private Streak streak(Shard shard) {
        return streaks.getOrDefault(shard.id(), Streak.NONE);
    }
}
