/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What many Stream resources cost the operator. {@code e2e/scaling many-streams} runs it. */
@Timeout(3_000)
@EnabledIfSystemProperty(named = "scaling", matches = "many-streams")
class ManyStreamsIT {

    private static final String POOL = "many";
    private static final int STREAMS = Integer.getInteger("streams", 1_000);
    private static final Duration IDLE = Duration.ofSeconds(60);

    @Test
    void theOperatorKeepsUpWithManyStreams() throws Exception {
        try (Cluster cluster = new Cluster("many-streams")) {
            cluster.largePool(POOL);
            cluster.stream("first", POOL, 2);

            Operator before = Operator.now(cluster);
            long began = System.nanoTime();
            cluster.createStreams(STREAMS, "stream-%05d", POOL, 2);
            double created = secondsSince(began);
            Cluster.until(
                    "all streams are Ready",
                    Duration.ofMinutes(20),
                    Duration.ofSeconds(1),
                    () -> cluster.readyStreams() == STREAMS + 1);
            double ready = secondsSince(began);
            Operator after = Operator.now(cluster);
            System.out.printf(
                    "%d Streams of 2 shards: written in %.1f s, all Ready after %.1f s; operator: %.1f reconciles and %.0f ms CPU each, %.0f MiB of heap used%n",
                    STREAMS,
                    created,
                    ready,
                    (after.reconciles() - before.reconciles()) / (double) STREAMS,
                    (after.cpuSeconds() - before.cpuSeconds()) * 1_000 / STREAMS,
                    after.heapBytes() / (1 << 20));

            Thread.sleep(IDLE);
            Operator idle = Operator.now(cluster);
            System.out.printf(
                    "idle: %.0f reconciles a minute, %.1f %% of a core, %.0f MiB of heap used%n",
                    idle.reconciles() - after.reconciles(),
                    (idle.cpuSeconds() - after.cpuSeconds()) * 100 / IDLE.toSeconds(),
                    idle.heapBytes() / (1 << 20));
            // What nobody changes costs nothing but a look now and then.
            assertThat(idle.reconciles() - after.reconciles()).isLessThan(STREAMS / 2.0 + 200);

            began = System.nanoTime();
            cluster.patchShardCount("first", 4);
            cluster.awaitShards("first", 4);
            System.out.printf("a reshard among them: %.1f s%n", secondsSince(began));

            began = System.nanoTime();
            cluster.deleteStreams();
            Cluster.until(
                    "all streams are gone",
                    Duration.ofMinutes(20),
                    Duration.ofSeconds(1),
                    () -> cluster.streamCount() == 0);
            System.out.printf("all deleted after %.1f s%n", secondsSince(began));
        }
    }

    private static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1e9;
    }

    /** What the operator has used so far. */
    private record Operator(double reconciles, double cpuSeconds, double heapBytes) {
        static Operator now(Cluster cluster) {
            Map<String, Double> metrics = cluster.operatorMetrics();
            return new Operator(
                    sum(metrics, "millrace_operator_reconcile_seconds_count"),
                    sum(metrics, "process_cpu_time_ns_total") / 1e9,
                    sum(metrics, "jvm_memory_used_bytes{area=\"heap\""));
        }

        private static double sum(Map<String, Double> metrics, String prefix) {
            double sum =
                    metrics.entrySet().stream()
                            .filter(metric -> metric.getKey().startsWith(prefix))
                            .mapToDouble(Map.Entry::getValue)
                            .sum();
            assertThat(sum).as(prefix).isPositive();
            return sum;
        }
    }
}
