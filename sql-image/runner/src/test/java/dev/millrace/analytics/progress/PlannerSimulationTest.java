/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.progress.Planner.InputRead;
import dev.millrace.analytics.progress.ReferenceQuery.Seen;
import dev.millrace.analytics.progress.SimulatedInput.Row;
import dev.millrace.analytics.sql.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random applications over random streams, with rows out of order, late and twice, silent shards,
 * reshards, and runners that die before and after their commits: what is given is what one query
 * over all rows gives, each result once. {@code -Dsimulation.seeds=20000} runs more, {@code
 * -Dsimulation.seed=42} repeats one.
 */
class PlannerSimulationTest {

    private static final int SEEDS = Integer.getInteger("simulation.seeds", 300);

    @Test
    void whatIsGivenIsWhatOneQueryOverAllRowsGives() {
        Integer one = Integer.getInteger("simulation.seed");
        for (int seed = one == null ? 0 : one; seed < (one == null ? SEEDS : one + 1); seed++) {
            new Simulation(seed).run();
        }
    }

    private static final class Simulation {

        private static final long BEGIN = 1_795_428_000_000L;
        private static final long END = BEGIN + 10_000_000;

        private final int seed;
        private final Random random;
        private final List<SimulatedInput> inputs = new ArrayList<>();
        private final List<ReferenceQuery> queries;
        private final Planner planner;
        private final List<Map<String, Map<Integer, Seen>>> seen = new ArrayList<>();
        private final List<List<String>> given = new ArrayList<>();
        private final Map<String, Integer> late = new HashMap<>();
        private Progress progress = Progress.NONE;
        private Progress committed = Progress.NONE;
        private long now = BEGIN;

        Simulation(int seed) {
            this.seed = seed;
            this.random = new Random(seed);
            boolean few = random.nextInt(4) == 0;
            long lateness = List.of(0, 700, 5_000).get(random.nextInt(3));
            // Where chunks are few, neighbours are put together, and late rows with them.
            boolean hasLateRows = !few && random.nextBoolean();
            long disorder = few ? 0 : hasLateRows ? 2 * lateness : lateness;
            for (String name : List.of("a", "b")) {
                inputs.add(
                        new SimulatedInput(
                                name, random, 1 + random.nextInt(3), disorder, hasLateRows));
            }
            List<ReferenceQuery> all = new ArrayList<>(List.of(ReferenceQuery.values()));
            Collections.shuffle(all, random);
            this.queries = all.subList(0, 1 + random.nextInt(3));
            Duration idle =
                    Duration.ofMillis(
                            few ? 10_000_000 : List.of(300, 20_000).get(random.nextInt(2)));
            InputTiming timing = new InputTiming(false, Duration.ofMillis(lateness), idle);
            this.planner =
                    new Planner(
                            queries.stream().map(ReferenceQuery::planned).toList(),
                            Map.of("a", timing, "b", timing),
                            few ? 4 : Planner.CHUNKS_MAX);
            queries.forEach(_ -> {
                seen.add(new TreeMap<>());
                given.add(new ArrayList<>());
            });
        }

        void run() {
            for (int step = 0; step < 120; step++) {
                now += random.nextInt(400);
                for (SimulatedInput input : inputs) {
                    if (random.nextInt(3) > 0) {
                        input.put(random.nextInt(6), now);
                    }
                    if (random.nextInt(20) == 0) {
                        input.reshard();
                    }
                }
                step(8);
                if (random.nextInt(15) == 0) {
                    dieAndBeginAnew();
                }
            }
            inputs.forEach(input -> input.putEnd(END));
            while (!inputs.stream().allMatch(SimulatedInput::isRead)) {
                now += 10;
                step(50);
            }
            step(50);
            compare();
        }

        private void step(int rowsMax) {
            Map<String, InputRead> reads = new HashMap<>();
            for (SimulatedInput input : inputs) {
                reads.put(input.name(), input.read(rowsMax, now));
            }
            reads.forEach(this::remember);
            Planner.Decision decision = planner.decide(progress, reads, now);
            List<List<String>> results = new ArrayList<>();
            queries.forEach(_ -> results.add(new ArrayList<>()));
            Progress after = decision.after();
            for (Planner.Run run : decision.runs()) {
                ReferenceQuery query = queries.get(run.query());
                Map<String, List<Row>> rows = SimulatedInput.rows(inputs, run.ranges());
                results.get(run.query()).addAll(query.run(rows, run.span()));
                if (query.timing() instanceof Timing.Sessions) {
                    OptionalLong open = query.openFrom(rows, run.span());
                    after = withOpenFrom(after, query, run.span().to(), open);
                }
            }
            if (!decision.runs().isEmpty() && random.nextInt(12) == 0) {
                dieAndBeginAnew(); // with its results, before they were committed
                return;
            }
            progress = after;
            if (!decision.runs().isEmpty() || random.nextInt(10) == 0) {
                committed = Progress.decode(after.encode());
                for (int i = 0; i < results.size(); i++) {
                    given.get(i).addAll(results.get(i));
                }
            }
        }

        private static Progress withOpenFrom(
                Progress after, ReferenceQuery query, long closed, OptionalLong open) {
            Map<String, QueryProgress> all = new HashMap<>(after.queries());
            all.put(query.name(), new QueryProgress(closed, open.orElse(closed)));
            return after.with(after.inputs(), all);
        }

        private void dieAndBeginAnew() {
            progress = committed;
            inputs.forEach(input -> input.resume(progress, now));
        }

        /** What held when rows were read; where they are read again, it is what holds then. */
        private void remember(String name, InputRead read) {
            SimulatedInput input = inputs.get(name.equals("a") ? 0 : 1);
            InputProgress known = progress.inputs().get(name);
            long watermark = known == null ? Long.MIN_VALUE : known.watermark();
            long lateBefore = planner.lateBefore(progress, name);
            for (Row row : input.rows(read)) {
                for (int i = 0; i < queries.size(); i++) {
                    long closed = progress.query(queries.get(i).name()).closed();
                    Seen now = new Seen(row, closed, watermark);
                    seen.get(i).computeIfAbsent(name, _ -> new TreeMap<>()).put(row.id(), now);
                    if (queries.get(i).planned().inputs().contains(name)
                            && queries.get(i).leavesOut(now)) {
                        assertThat(row.time())
                                .as(
                                        "seed %d: a row that %s left out counts as late",
                                        seed, queries.get(i))
                                .isLessThan(lateBefore);
                        late.merge(name, 1, Integer::sum);
                    }
                }
            }
        }

        private void compare() {
            for (SimulatedInput input : inputs) {
                InputProgress known = Objects.requireNonNull(progress.inputs().get(input.name()));
                assertThat(input.expired())
                        .as("expired shards, seed %d", seed)
                        .doesNotContainAnyElementsOf(known.shards().keySet());
            }
            for (int i = 0; i < queries.size(); i++) {
                ReferenceQuery query = queries.get(i);
                Map<String, List<Seen>> rows = new HashMap<>();
                seen.get(i).forEach((name, all) -> rows.put(name, List.copyOf(all.values())));
                long closed = progress.query(query.name()).closed();
                List<String> wanted = query.batch(rows, closed);
                assertThat(List.of(without(given.get(i), wanted), without(wanted, given.get(i))))
                        .as("too much and missing, seed %d, %s of %s", seed, query, queries)
                        .containsOnly(List.of());
                if (query.timing() instanceof Timing.Stateless) {
                    continue;
                }
                assertThat(closed).as("seed %d, %s", seed, query).isGreaterThan(BEGIN + 1_000_000);
            }
        }

        /** Counts how often each comes. */
        private static List<String> without(List<String> all, List<String> others) {
            Map<String, Integer> counts = new HashMap<>();
            others.forEach(other -> counts.merge(other, 1, Integer::sum));
            return all.stream().filter(each -> counts.merge(each, -1, Integer::sum) < 0).toList();
        }
    }
}
