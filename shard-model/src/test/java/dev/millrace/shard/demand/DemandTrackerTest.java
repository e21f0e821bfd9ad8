/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.demand;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream in virtual time: its load is random, its shards are what the tracker asks for. */
class DemandTrackerTest {

    private static final OnDemandBounds BOUNDS = new OnDemandBounds(2, 40, 1_024);
    private static final int RECORD_BYTES = 1_024;
    private static final int KEYS_PER_SHARD = 64;

    private final Random random = new Random(7);
    private final DemandTracker tracker = new DemandTracker(Instant.EPOCH);
    private Instant now = Instant.EPOCH;
    private List<Shard> open = new ArrayList<>();
    private long nextIndex;
    private int reshards;

    DemandTrackerTest() {
        HashKeyRange.uniform(2).forEach(range -> open.add(shard(range)));
    }

    @Test
    void growsUntilNoShardIsHotAndStaysThere() {
        run(8, 10_000, this::anywhere);
        assertThat(open.size()).isBetween(13, 24);
        assertThat(hottest(10_000, this::anywhere)).isLessThan(DemandTracker.HOT + 0.1);
        int before = reshards;

        run(60, 10_000, this::anywhere);

        assertThat(reshards - before).isLessThanOrEqualTo(1);
    }

    @Test
    void followsALoadThatMoves() {
        Supplier<HashKey> low = () -> between(0.0, 0.1);
        Supplier<HashKey> high = () -> between(0.9, 1.0);
        run(10, 8_000, low);
        assertThat(hottest(8_000, low)).isLessThan(DemandTracker.HOT + 0.1);
        assertThat(open.getLast().range().start()).isLessThan(key(0.51));

        run(10, 8_000, high);
        assertThat(hottest(8_000, high)).isLessThan(DemandTracker.HOT + 0.1);

        run(40, 8_000, high);
        assertThat(open.stream().filter(s -> s.range().end().compareTo(key(0.5)) < 0).count())
                .as("shards where there is no load any more")
                .isLessThanOrEqualTo(2);
    }

    @Test
    void shrinksToTheLeastWhenTheLoadIsGone() {
        run(10, 20_000, this::anywhere);
        assertThat(open.size()).isGreaterThan(20);

        run(DemandTracker.COLD_WINDOWS * 6, 0, this::anywhere);

        assertThat(open).hasSize(BOUNDS.minShards());
    }

    @Test
    void staysWithinItsBounds() {
        run(20, 500_000, this::anywhere);
        assertThat(open).hasSize(BOUNDS.maxShards());
    }

    @Test
    void aSingleHotKeyGetsAShardForItselfAndNoMore() {
        HashKey hot = HashKey.ofPartitionKey("hot");
        Supplier<HashKey> load = () -> random.nextInt(10) < 9 ? hot : anywhere();
        run(20, 5_000, load);
        int shards = open.size();
        int before = reshards;
        assertThat(shards).isLessThan(12);

        run(30, 5_000, load);

        assertThat(reshards - before).isLessThanOrEqualTo(1);
        Shard ofHot = open.stream().filter(s -> s.range().contains(hot)).findFirst().orElseThrow();
        assertThat(ofHot.range().start()).isEqualTo(hot);
    }

    @Test
    void countsRecordsAsWellAsBytes() {
        for (int window = 0; window < 8; window++) {
            for (Shard shard : open) {
                // Small records, but many.
                tracker.add(
                        new ShardLoad(
                                shard.id(),
                                1_000,
                                20_000,
                                List.of(shard.range().start(), middle(shard))));
            }
            look();
        }
        assertThat(reshards).isPositive();
    }

    @Test
    void hasItsLeastNumberOfShardsWithoutAnyLoad() {
        Optional<Scaling> scaling =
                new DemandTracker(now)
                        .look(
                                open,
                                new OnDemandBounds(4, 40, 1_024),
                                now.plus(DemandTracker.WINDOW));
        assertThat(scaling.orElseThrow().shards()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void aSteadyLoadOfAnyShapeComesToRest(long seed) {
        Random shape = new Random(seed);
        double[] places = shape.doubles(1 + shape.nextInt(12)).toArray();
        double width = shape.nextDouble() / 4;
        double recordsPerSecond = shape.nextInt(20_000);
        Supplier<HashKey> load =
                () -> {
                    double from = places[random.nextInt(places.length)] * (1 - width);
                    return between(from, from + width);
                };
        run(30, recordsPerSecond, load);
        int before = reshards;

        run(100, recordsPerSecond, load);

        assertThat(reshards - before).as("reshards without a change of load").isLessThan(4);
        assertThat(open.size()).isBetween(BOUNDS.minShards(), BOUNDS.maxShards());
    }

    private void run(int windows, double recordsPerSecond, Supplier<HashKey> keys) {
        for (int i = 0; i < windows; i++) {
            loads(recordsPerSecond * DemandTracker.WINDOW.toSeconds(), keys).forEach(tracker::add);
            look();
        }
    }

    /** What the shards take, with some noise: a sample stands for all records. */
    private List<ShardLoad> loads(double records, Supplier<HashKey> keys) {
        int samples = 4_000;
        double weight = records / samples * (0.95 + random.nextDouble() / 10);
        List<List<HashKey>> byShard = new ArrayList<>();
        open.forEach(_ -> byShard.add(new ArrayList<>()));
        for (int i = 0; i < samples; i++) {
            HashKey key = keys.get();
            for (int s = 0; s < open.size(); s++) {
                if (open.get(s).range().contains(key)) {
                    byShard.get(s).add(key);
                }
            }
        }
        List<ShardLoad> loads = new ArrayList<>();
        for (int s = 0; s < open.size(); s++) {
            List<HashKey> all = byShard.get(s);
            long count = Math.round(all.size() * weight);
            loads.add(
                    new ShardLoad(
                            open.get(s).id(),
                            count * RECORD_BYTES,
                            count,
                            all.subList(0, Math.min(KEYS_PER_SHARD, all.size()))));
        }
        return loads;
    }

    private double hottest(double recordsPerSecond, Supplier<HashKey> keys) {
        return loads(recordsPerSecond, keys).stream()
                .mapToDouble(load -> BOUNDS.use(load.bytes(), load.records()))
                .max()
                .orElseThrow();
    }

    private void look() {
        now = now.plus(DemandTracker.WINDOW);
        tracker.look(open, BOUNDS, now).ifPresent(this::apply);
    }

    /** Shards whose ranges stay are the same; the others are new. */
    private void apply(Scaling scaling) {
        reshards++;
        assertThat(scaling.reason()).isNotBlank();
        NavigableSet<HashKey> starts = new TreeSet<>(scaling.boundaries());
        assertThat(starts).hasSize(scaling.boundaries().size()).doesNotContain(HashKey.MIN);
        starts.add(HashKey.MIN);
        List<Shard> next = new ArrayList<>();
        for (HashKey start : starts) {
            HashKey after = starts.higher(start);
            HashKeyRange range =
                    new HashKeyRange(start, after == null ? HashKey.MAX : after.previous());
            next.add(
                    open.stream()
                            .filter(shard -> shard.range().equals(range))
                            .findFirst()
                            .orElseGet(() -> shard(range)));
        }
        open = next;
    }

    private Shard shard(HashKeyRange range) {
        return new Shard(new ShardId(nextIndex++), List.of(), range, 0, 0, now, new Shard.Open());
    }

    private HashKey anywhere() {
        return new HashKey(random.nextLong(), random.nextLong());
    }

    private HashKey between(double from, double to) {
        return key(from + random.nextDouble() * (to - from));
    }

    private static HashKey middle(Shard shard) {
        return HashKey.of(
                shard.range()
                        .start()
                        .toBigInteger()
                        .add(shard.range().end().toBigInteger())
                        .shiftRight(1));
    }

    /** The key at a part of the space. */
    private static HashKey key(double part) {
        BigInteger max = HashKey.MAX.toBigInteger();
        return HashKey.of(
                new java.math.BigDecimal(max)
                        .multiply(java.math.BigDecimal.valueOf(Math.min(part, 1.0)))
                        .toBigInteger()
                        .min(max));
    }
}
