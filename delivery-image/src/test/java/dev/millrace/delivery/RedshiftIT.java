/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.PostgresServer;
import dev.millrace.delivery.testing.RedshiftProxy;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Worker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Redshift's own driver, and a PostgreSQL that can load from S3, with workers that are killed. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class, PostgresServer.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class RedshiftIT {

    @TempDir private Path directory;

    @Test
    void eachRecordIsLoadedOnce(Pool pool, S3Server s3, PostgresServer postgres) throws Exception {
        s3.client().createBucket(r -> r.bucket("warehouse"));
        postgres.execute("CREATE SCHEMA dwh; CREATE TABLE dwh.sales (n bigint, region text)");
        pool.createStream("sales", 2);
        pool.put("sales", sales(0, 1_000));
        try (RedshiftProxy redshift = new RedshiftProxy(postgres, s3)) {
            String config = config(redshift, s3, "sales", "dwh.sales", 3_600);
            for (String step : List.of("UPLOADED", "COMPLETION_SENT")) {
                try (Worker dying = start(pool, config, step, "1")) {
                    dying.awaitDeath();
                }
            }
            pool.put("sales", sales(1_000, 1_000));
            try (Worker worker = start(pool, config)) {
                await(
                        worker,
                        () ->
                                !postgres.query("SELECT count(*) FROM dwh.sales WHERE n >= 1000")
                                                .equals(List.of("0"))
                                        && Long.parseLong(
                                                        postgres.query(
                                                                        "SELECT count(*) FROM dwh.sales")
                                                                .getFirst())
                                                >= 2_000);
            }
            assertThat(redshift.lastCopy)
                    .contains("ACCESS_KEY_ID 'key' SECRET_ACCESS_KEY 'secret'")
                    .contains("MANIFEST GZIP FORMAT AS JSON 'auto'");
        }
        assertThat(postgres.query("SELECT n FROM dwh.sales ORDER BY n"))
                .isEqualTo(IntStream.range(0, 2_000).mapToObj(String::valueOf).toList());
        assertThat(s3.objects("warehouse", "sales/")).isNotEmpty();
        assertThat(s3.objects("warehouse", "manifests/sales/").values())
                .allSatisfy(manifest ->
                        assertThat(new String(manifest, StandardCharsets.UTF_8))
                                .startsWith("{\"entries\":[{\"url\":\"s3://warehouse/sales/")
                                .endsWith("\"mandatory\":true}]}"));
    }

    @Test
    void aBatchThatCannotBeLoadedLeavesItsManifest(Pool pool, S3Server s3, PostgresServer postgres)
            throws Exception {
        s3.client().createBucket(r -> r.bucket("warehouse-2"));
        pool.createStream("lost-sales", 1);
        pool.put("lost-sales", sales(0, 10));
        try (RedshiftProxy redshift = new RedshiftProxy(postgres, s3)) {
            String config =
                    config(redshift, s3, "lost-sales", "nowhere", 0)
                            .replace("\"warehouse\"", "\"warehouse-2\"");
            try (Worker worker = start(pool, config)) {
                await(
                        worker,
                        () -> !s3.objects("warehouse-2", "errors/manifests/sales/").isEmpty());
                assertThat(worker.log()).doesNotContain("is not delivered");
            }
        }
    }

    private static List<String> sales(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> "{\"n\":%d,\"region\":\"it's \\\"%d\\\"\"}".formatted(i, i % 3))
                .toList();
    }

    private Worker start(Pool pool, String config, String... arguments) throws Exception {
        Worker.secret(directory, "db", "username", "postgres");
        Worker.secret(directory, "db", "password", "any");
        return Worker.start(directory, pool, config, arguments);
    }

    private static void await(Worker worker, Callable<Boolean> condition) throws Exception {
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .failFast(worker.log(), () -> !worker.isAlive())
                    .pollInterval(Duration.ofMillis(500))
                    .until(condition);
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError(worker.log(), e);
        }
    }

    private static String config(
            RedshiftProxy redshift, S3Server s3, String stream, String table, int retrySeconds) {
        return """
        {"name": "to-dwh", "uid": "%2$s", "createdAt": "2026-01-01T00:00:00Z",
         "sourceStream": "%2$s",
         "spec": {
          "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "retry": {"durationSeconds": %5$d},
          "destination": {"redshift": {"jdbcUrl": "%1$s", "table": "%3$s",
           "columns": ["n", "region"], "copyOptions": "FORMAT AS JSON 'auto'",
           "credentialsSecretRef": {"name": "db"},
           "s3": {"endpoint": "%4$s", "bucket": "warehouse", "prefix": "sales/",
            "compression": "GZIP", "credentialsSecretRef": {"name": "s3"},
            "buffering": {"sizeMiB": 1, "intervalSeconds": 1}}}},
          "processing": {"processors": [{"type": "AppendDelimiterToRecord"}]}}}
        """
                .formatted(redshift.jdbcUrl(), stream, table, s3.endpoint(), retrySeconds);
    }
}
