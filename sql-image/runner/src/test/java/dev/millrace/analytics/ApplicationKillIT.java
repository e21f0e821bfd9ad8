/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Trino;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The runner as a process that is killed at random while rows come and the streams are resharded:
 * the results are those of an undisturbed run. {@code -Danalytics.kills=100} kills more often.
 */
@ExtendWith({Pool.Shared.class, Trino.Shared.class})
@Timeout(value = 30, unit = java.util.concurrent.TimeUnit.MINUTES)
class ApplicationKillIT {

    private static final int KILLS = Integer.getInteger("analytics.kills", 6);
    private static final long BASE = 1_795_428_000_000L;

    @Test
    void killsChangeNothing(Pool pool, Trino trino, @TempDir Path directory) throws Exception {
        pool.createStream("kill-in", 2);
        pool.createStream("kill-windows", 2);
        pool.createStream("kill-rows", 2);
        Path config = directory.resolve("spec.json");
        Files.writeString(
                config,
                """
                {"name": "kill", "uid": "kill", "code": "INSERT INTO windows SELECT window_start, count(*) AS n, sum(id) AS s FROM \
                TABLE(TUMBLE(TABLE(kill), DESCRIPTOR(at), INTERVAL '1' SECOND)) GROUP BY window_start; INSERT INTO rows SELECT id FROM kill",
                 "spec": {"startingPosition": "TRIM_HORIZON", "latencyMilliseconds": 20,
                  "inputs": [{"name": "kill", "stream": "kill-in", "idleTimeoutSeconds": 2, "rowtime": {"column": "at", "allowedLatenessSeconds": 20},
                    "columns": [{"name": "id", "type": "bigint"}, {"name": "at", "type": "timestamp(3)"}]}],
                  "outputs": [{"name": "windows", "stream": "kill-windows"}, {"name": "rows", "stream": "kill-rows"}]}}
                """);
        Random random = new Random(11);
        int id = 0;
        Process runner = start(pool, trino, config, directory);
        for (int kill = 0; kill < KILLS; kill++) {
            for (int batch = 0; batch < 8; batch++) {
                List<String> rows = new ArrayList<>();
                for (int i = 0; i < 40; i++, id++) {
                    rows.add(row(id));
                }
                pool.put("kill-in", rows);
                Thread.sleep(random.nextInt(400));
            }
            runner.destroyForcibly().waitFor();
            if (kill % 3 == 1) {
                pool.reshard("kill-windows", 2 + kill % 4);
                pool.reshard("kill-in", 3 + kill % 3);
            }
            runner = start(pool, trino, config, directory);
        }
        pool.put("kill-in", List.of(row(1_000_000)));
        try {
            int rows = id;
            Awaitility.await()
                    .atMost(Duration.ofSeconds(90))
                    .until(() -> pool.records("kill-rows").size() >= rows + 1);
            int seconds = (rows + 9) / 10;
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> pool.records("kill-windows").size() >= seconds);
            assertThat(pool.records("kill-rows")).hasSize(rows + 1).doesNotHaveDuplicates();
            assertThat(windows(pool)).isEqualTo(expected(rows));
            assertThat(pool.records("kill-windows")).hasSize(seconds);
        } finally {
            runner.destroyForcibly();
        }
    }

    /** Ten rows a second. */
    private static String row(int id) {
        return "{\"id\":%d,\"at\":%d}".formatted(id, BASE + id * 100L);
    }

    private static Map<String, String> windows(Pool pool) {
        Map<String, String> windows = new TreeMap<>();
        for (String record : pool.records("kill-windows")) {
            String[] parts = record.split(",\"n\"", 2);
            windows.merge(parts[0], parts[1], (a, b) -> a + " and " + b);
        }
        return windows;
    }

    private static Map<String, String> expected(int rows) {
        Map<String, String> windows = new TreeMap<>();
        for (int first = 0; first < rows; first += 10) {
            long sum = 0;
            int last = Math.min(rows, first + 10);
            for (int id = first; id < last; id++) {
                sum += id;
            }
            windows.put(
                    "{\"window_start\":\""
                            + java.time.Instant.ofEpochMilli(BASE + first * 100L)
                                    .toString()
                                    .replace("Z", ".000Z")
                            + "\"",
                    ":" + (last - first) + ",\"s\":" + sum + "}");
        }
        return windows;
    }

    private static Process start(Pool pool, Trino trino, Path config, Path directory)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                AnalyticsMain.class.getName())
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        directory.resolve("runner.log").toFile()));
        builder.environment()
                .putAll(
                        Map.of(
                                "MILLRACE_ANALYTICS_CONFIG", config.toString(),
                                "MILLRACE_BOOTSTRAP_SERVERS", pool.bootstrapServers(),
                                "MILLRACE_TABLES_DIR", trino.tables().toString(),
                                "MILLRACE_METRICS_PORT", "0",
                                "TRINO_URL", trino.url().toString()));
        return builder.start();
    }
}
