/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.PostgresServer;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Worker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
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

/** Rows of a real PostgreSQL, from workers that are killed. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class, PostgresServer.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class PostgresIT {

    private static final int RECORDS = 1_000;
    private static final int POISON = 6;

    @TempDir private Path directory;

    @Test
    void eachRowIsThereOnceAndPoisonIsInTheBackup(Pool pool, S3Server s3, PostgresServer postgres)
            throws Exception {
        s3.client().createBucket(r -> r.bucket("rows-backup"));
        postgres.execute(
                "CREATE TABLE clicks (id bigserial, n bigint NOT NULL, page text, extra jsonb)");
        pool.createStream("clicks", 2);
        List<String> put = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            put.add(
                    "{\"n\":%d,\"Page\":\"a \\\"%d\\\", b\",\"extra\":{\"x\":[1]}}"
                            .formatted(i, i));
        }
        for (int i = 0; i < POISON; i++) {
            put.add(
                    switch (i % 3) {
                        case 0 -> "no json " + i;
                        case 1 -> "{\"n\":\"text " + i + "\"}";
                        default -> "{\"page\":\"without n " + i + "\"}";
                    });
        }
        pool.put("clicks", put);
        String config = config(postgres, s3, "clicks", "clicks", "");
        for (String step : List.of("UPLOADED", "COMPLETION_SENT")) {
            try (Worker dying = start(pool, config, step, "1")) {
                dying.awaitDeath();
            }
        }
        try (Worker worker = start(pool, config)) {
            await(
                    worker,
                    () -> count(postgres, "clicks") >= RECORDS && errors(s3).size() >= POISON);
        }
        assertThat(postgres.query("SELECT n, page, extra FROM clicks ORDER BY n"))
                .isEqualTo(
                        IntStream.range(0, RECORDS)
                                .mapToObj(i -> i + ",a \"" + i + "\", b,{\"x\": [1]}")
                                .toList());
        assertThat(errors(s3))
                .containsExactlyInAnyOrderElementsOf(put.subList(RECORDS, put.size()));
    }

    @Test
    void theLastRowOfAKeyCounts(Pool pool, S3Server s3, PostgresServer postgres) throws Exception {
        postgres.execute(
                "CREATE SCHEMA shop; CREATE TABLE shop.stock (sku text PRIMARY KEY, n int, at text)");
        pool.createStream("stock", 1);
        String config = config(postgres, s3, "stock", "shop.stock", ", \"keyColumns\": [\"sku\"]");
        try (Worker first = start(pool, config)) {
            pool.put("stock", updates(0, 500));
            await(first, () -> count(postgres, "shop.stock") == 7);
            pool.put("stock", updates(500, 500));
            first.kill();
        }
        pool.put("stock", updates(1_000, 500));
        try (Worker second = start(pool, config)) {
            await(
                    second,
                    () -> postgres.query("SELECT max(n) FROM shop.stock").equals(List.of("1499")));
        }
        assertThat(postgres.query("SELECT n FROM shop.stock ORDER BY n"))
                .containsExactly("1493", "1494", "1495", "1496", "1497", "1498", "1499");
    }

    private static List<String> updates(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> "{\"sku\":\"s%d\",\"n\":%d}".formatted(i % 7, i))
                .toList();
    }

    private static long count(PostgresServer postgres, String table) throws Exception {
        return Long.parseLong(postgres.query("SELECT count(*) FROM " + table).getFirst());
    }

    private Worker start(Pool pool, String config, String... arguments) throws Exception {
        Worker.secret(directory, "db", "username", "postgres");
        Worker.secret(directory, "db", "password", "any");
        return Worker.start(directory, pool, config, arguments);
    }

    private static void await(Worker worker, Callable<Boolean> condition) throws Exception {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .failFast(worker.log(), () -> !worker.isAlive())
                .pollInterval(Duration.ofMillis(500))
                .until(condition);
    }

    private static List<String> errors(S3Server s3) throws Exception {
        List<String> errors = new ArrayList<>();
        for (byte[] object : s3.objects("rows-backup", "failed/postgresql-failed/").values()) {
            for (String line : new String(object, StandardCharsets.UTF_8).lines().toList()) {
                String raw =
                        new com.fasterxml.jackson.databind.ObjectMapper()
                                .readTree(line)
                                .path("rawData")
                                .asText();
                errors.add(new String(Base64.getDecoder().decode(raw), StandardCharsets.UTF_8));
            }
        }
        return errors;
    }

    private static String config(
            PostgresServer postgres, S3Server s3, String stream, String table, String more) {
        return """
        {"name": "to-rows", "uid": "%2$s", "createdAt": "2026-01-01T00:00:00Z",
         "sourceStream": "%2$s",
         "spec": {
          "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "destination": {"postgresql": {"jdbcUrl": "%1$s", "table": "%3$s"%4$s,
           "credentialsSecretRef": {"name": "db"},
           "buffering": {"sizeMiB": 1, "intervalSeconds": 1}}},
          "backup": {"mode": "FailedDataOnly", "s3": {"endpoint": "%5$s",
           "bucket": "rows-backup", "errorOutputPrefix": "failed/",
           "credentialsSecretRef": {"name": "s3"}}}}}
        """
                .formatted(postgres.jdbcUrl(), stream, table, more, s3.endpoint());
    }
}
