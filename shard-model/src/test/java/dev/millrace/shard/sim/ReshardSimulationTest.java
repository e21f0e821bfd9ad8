/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Every acknowledged record lies inside exactly one shard's offsets, in the order of its key,
 * whatever fails. {@code -Dsimulation.seeds=1000} runs more seeds, {@code
 * -Dsimulation.steps=100000000} as many as take so many steps, {@code -Dsimulation.seed=42} runs
 * that one.
 */
class ReshardSimulationTest {

    @Test
    void everyAcknowledgedRecordIsWhereItBelongsWhateverFails() {
        Long only = Long.getLong("simulation.seed");
        long first = only == null ? 1 : only;
        long seeds = only == null ? Long.getLong("simulation.seeds", 60) : 1;
        long stepsWanted = Long.getLong("simulation.steps", 0);
        Set<String> seen = new HashSet<>();
        long steps = 0;
        long seed = first;
        long beganAtNanos = System.nanoTime();
        for (; seed < first + seeds || steps < stepsWanted; seed++) {
            Simulation simulation = new Simulation(seed);
            try {
                simulation.run(Duration.ofSeconds(90), true);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "Seed " + seed + " (-Dsimulation.seed=" + seed + "): " + e.getMessage(), e);
            }
            seen.addAll(simulation.events());
            steps += simulation.steps();
        }
        System.out.printf(
                "Simulation: %,d steps of %d seeds in %.0f s%n",
                steps, seed - first, (System.nanoTime() - beganAtNanos) / 1e9);
        if (only == null) {
            assertThat(seen)
                    .as("the simulation meets what it is for")
                    .contains(
                            "gateway expelled",
                            "writer replaced",
                            "many reshards",
                            "acknowledgement withheld",
                            "a late record behind a closed shard's end",
                            "command refused",
                            "stream deleted",
                            "shard expired",
                            "partition used again");
        }
    }

    @Test
    void reshardsEndWhenNothingFails() {
        new Simulation(7).run(Duration.ofSeconds(60), false);
    }
}
