/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.e2e.checker.Verdict;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is promised of acknowledged records, while a pool of three brokers is maltreated. {@code
 * e2e/chaos} runs all faults, for longer.
 */
@Timeout(3_600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChaosIT {

    private static final int ROUNDS = Integer.getInteger("rounds", 1);

    private final Cluster cluster = new Cluster("chaos");

    static List<Fault> faults() {
        return Arrays.stream(System.getProperty("faults", "broker-kill,network-cut").split(","))
                .map(Fault::ofLabel)
                .toList();
    }

    @BeforeAll
    void makePool() {
        if (faults().stream().anyMatch(fault -> fault != Fault.DISK_FULL)) {
            cluster.pool(Scene.POOL, Fault.BROKERS);
        }
    }

    @AfterAll
    void removeAll() throws Exception {
        cluster.close();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void everyAcknowledgedRecordIsWhereItBelongs(Fault fault) throws Exception {
        Scene scene = Scene.of(fault, cluster);
        scene.start();
        Verdict verdict;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                fault.inflict(scene, round);
            }
            verdict = scene.verdict();
        } catch (Exception | AssertionError e) {
            // What became of the records matters, whatever else did not come to be.
            e.addSuppressed(new AssertionError(soFar(scene)));
            throw e;
        } finally {
            scene.stop();
        }
        System.out.println(fault.label() + ": " + verdict);
        ChaosReport.write(fault, ROUNDS, verdict);
        assertThat(verdict.isClean()).as("%s: %s", fault.label(), verdict).isTrue();
        cluster.deleteStream(scene.stream());
    }

    private static String soFar(Scene scene) throws InterruptedException {
        try {
            return "So far: " + scene.verdictNow();
        } catch (RuntimeException e) {
            return "What is there cannot be read: " + e;
        }
    }
}
