/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.e2e.checker.Traffic;
import dev.millrace.e2e.checker.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * The promise of a reshard, on a real cluster: every acknowledged record is read exactly where it
 * belongs, in the order of its key, while the resource is patched and processes are killed with -9.
 * {@code -Drounds=20} makes a long run of it.
 */
@Timeout(1_800)
class ReshardUnderFaultsIT {

    private static final int ROUNDS = Integer.getInteger("rounds", 1);

    @Test
    void acknowledgedRecordsStayWhereTheyBelongWhileProcessesAreKilled() throws Exception {
        try (Cluster cluster = new Cluster("reshard")) {
            cluster.pool("default", 1);
            cluster.stream("orders", "default", 2);
            Traffic traffic =
                    new Traffic(
                            "orders",
                            () -> cluster.kinesis("default"),
                            Traffic.Settings.BY_DEFAULT);
            traffic.start(6);
            awaitTraffic(traffic, 100);
            for (int round = 0; round < ROUNDS; round++) {
                cluster.patchShardCount("orders", 8);
                cluster.kill("default", 0, "gateway");
                cluster.awaitShards("orders", 8);
                assertThat(cluster.status("orders").conditions())
                        .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True"));

                cluster.patchShardCount("orders", 3);
                cluster.killOperator();
                cluster.awaitShards("orders", 3);

                // Retargeted in the middle.
                cluster.patchShardCount("orders", 16);
                cluster.patchShardCount("orders", 5);
                cluster.kill("default", 0, "kafka");
                cluster.awaitShards("orders", 5);

                cluster.patchShardCount("orders", 2);
                cluster.awaitShards("orders", 2);
            }
            awaitTraffic(traffic, 300);
            traffic.stop();
            try (KinesisClient client = cluster.kinesis("default")) {
                Verdict verdict = traffic.check(client);
                assertThat(verdict.isClean()).as("%s", verdict).isTrue();
            }
        }
    }

    private static void awaitTraffic(Traffic traffic, int records) {
        Cluster.until(
                records + " records acknowledged; failures: " + traffic.journal().lastFailures(),
                Duration.ofMinutes(2),
                () -> traffic.journal().acknowledgedSoFar() >= records);
    }
}
