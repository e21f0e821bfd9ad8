/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.testing.Database;
import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Runner;
import dev.millrace.analytics.testing.Running;
import dev.millrace.analytics.testing.Trino;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Results in tables of PostgreSQL, each once. {@code -Danalytics.kills=100} kills more often. */
@ExtendWith({Pool.Shared.class, Trino.Shared.class, Database.Shared.class})
@Timeout(value = 20, unit = java.util.concurrent.TimeUnit.MINUTES)
class TableOutputIT {

    private static final int KILLS = Integer.getInteger("analytics.kills", 5);
    private static final Duration WITHIN = Duration.ofMinutes(2);
    private static final long BASE = 1_795_428_000_000L;
    private static final String COLUMNS =
            "\"columns\": [{\"name\": \"id\", \"type\": \"bigint\"}, {\"name\": \"region\", \"type\": \"varchar\"},"
                    + " {\"name\": \"price\", \"type\": \"double\"}, {\"name\": \"at\", \"type\": \"timestamp(3)\"}]";

    @Test
    void windowsGoIntoATableByItsName(Pool pool, Trino trino, Database database) throws Exception {
        pool.createStream("to-table", 2);
        database.execute(
                "CREATE TABLE revenue (at timestamp(3), region text, revenue numeric(12,2), PRIMARY KEY (at, region))");
        try (Running running =
                new Running.Builder(pool, trino, "to-table")
                        .input(input("orders_t", "to-table"))
                        .table("crm", "public", "revenue", "at", "region")
                        .start(
                                """
                                INSERT INTO crm.public.revenue
                                SELECT window_start AS at, region, CAST(sum(price) AS decimal(12,2)) AS revenue
                                FROM TABLE(TUMBLE(TABLE(orders_t), DESCRIPTOR(at), INTERVAL '1' MINUTE))
                                GROUP BY window_start, region
                                """)) {
            pool.put(
                    "to-table",
                    List.of(
                            row(1, "eu", 1.5, 0),
                            row(2, "eu", 2, 59_000),
                            row(3, "us", 4, 30_000),
                            row(4, "eu", 8, 61_000)));
            await(
                    trino,
                    "SELECT CAST(at AS varchar), region, revenue FROM crm.public.revenue ORDER BY 1, 2",
                    List.of(
                            List.of("2026-11-23 10:00:00.000", "eu", "3.50"),
                            List.of("2026-11-23 10:00:00.000", "us", "4.00")));
            pool.put("to-table", List.of(row(5, "eu", 0, 180_000)));
            await(
                    trino,
                    "SELECT count(*), sum(revenue) FROM crm.public.revenue",
                    List.of(List.of("3", "15.50")));
            assertThat(running.status().rowsOut()).isEqualTo(3);
        }
    }

    /** The newest one counts, also among those of one run. */
    @Test
    void aRowReplacesTheOneOfItsKey(Pool pool, Trino trino, Database database) throws Exception {
        pool.createStream("latest-in", 1);
        database.execute(
                "CREATE TABLE latest (region text PRIMARY KEY, price double precision, id bigint)");
        try (Running _ =
                new Running.Builder(pool, trino, "latest")
                        .input(input("latest_in", "latest-in"))
                        .versioned("crm", "public", "latest", "id", "region")
                        .start("INSERT INTO latest SELECT region, price, id FROM latest_in")) {
            pool.put(
                    "latest-in",
                    List.of(row(1, "eu", 9, 0), row(2, "eu", 1, 0), row(3, "us", 5, 0)));
            await(
                    trino,
                    "SELECT * FROM crm.public.latest ORDER BY region",
                    List.of(List.of("eu", "1.0", "2"), List.of("us", "5.0", "3")));
            pool.put("latest-in", List.of(row(1, "us", 7, 0), row(4, "eu", 3, 0)));
            await(
                    trino,
                    "SELECT * FROM crm.public.latest ORDER BY region",
                    List.of(List.of("eu", "3.0", "4"), List.of("us", "5.0", "3")));
        }
    }

    @Test
    void whatTheTableCannotTakeIsRefusedWithTrinosWords(Pool pool, Trino trino, Database database)
            throws Exception {
        pool.createStream("refused-in", 1);
        database.execute("CREATE TABLE refused (id bigint PRIMARY KEY, price boolean)");
        assertThat(
                        refusal(
                                pool,
                                trino,
                                "INSERT INTO refused SELECT id, price FROM refused_in",
                                "id"))
                .contains("Into refused", "double");
        assertThat(
                        refusal(
                                pool,
                                trino,
                                "INSERT INTO refused SELECT price > 1 AS price FROM refused_in",
                                "id"))
                .contains("needs the column id");
        assertThat(refusal(pool, trino, "INSERT INTO refused SELECT id FROM refused_in"))
                .contains("millrace_batch");
    }

    private static String refusal(Pool pool, Trino trino, String sql, String... keys)
            throws Exception {
        try (Running running =
                new Running.Builder(pool, trino, "refused")
                        .input(input("refused_in", "refused-in"))
                        .table("crm", "public", "refused", keys)
                        .start(sql)) {
            Awaitility.await()
                    .atMost(WITHIN)
                    .until(() -> running.status().json().contains("\"valid\":false"));
            return running.status().json();
        }
    }

    @Test
    void aTableThatIsAwayIsWaitedFor(Pool pool, Trino trino, Database database) throws Exception {
        pool.createStream("away-in", 1);
        String table = "CREATE TABLE away (id bigint PRIMARY KEY)";
        database.execute(table);
        try (Running running =
                new Running.Builder(pool, trino, "away")
                        .input(input("away_in", "away-in"))
                        .table("crm", "public", "away", "id")
                        .start("INSERT INTO away SELECT id FROM away_in")) {
            pool.put("away-in", List.of(row(1, "eu", 1, 0)));
            await(trino, "SELECT id FROM crm.public.away", List.of(List.of("1")));
            database.execute("DROP TABLE away");
            pool.put("away-in", List.of(row(2, "eu", 1, 0)));
            Awaitility.await()
                    .atMost(WITHIN)
                    .until(() ->
                            running.status()
                                    .problem()
                                    .filter(problem -> problem.reason().equals("TableFailed"))
                                    .isPresent());
            database.execute(table);
            await(trino, "SELECT id FROM crm.public.away", List.of(List.of("2")));
            Awaitility.await().atMost(WITHIN).until(() -> running.status().problem().isEmpty());
        }
    }

    /** By the key, and by batches: after kills both tables are as if nothing had happened. */
    @Test
    void killsChangeNothing(Pool pool, Trino trino, Database database, @TempDir Path directory)
            throws Exception {
        pool.createStream("table-kill-in", 2);
        database.execute(
                "CREATE TABLE kill_windows (at timestamp(3) PRIMARY KEY, n bigint, s bigint)");
        database.execute("CREATE TABLE kill_rows (id bigint, millrace_batch text)");
        String specification =
                """
                {"name": "tkill", "uid": "tkill", "code": "INSERT INTO windows SELECT window_start AS at, count(*) AS n, sum(id) AS s FROM \
                TABLE(TUMBLE(TABLE(tkill), DESCRIPTOR(at), INTERVAL '1' SECOND)) GROUP BY window_start; INSERT INTO crm.public.kill_rows SELECT id FROM tkill",
                 "spec": {"startingPosition": "TRIM_HORIZON", "latencyMilliseconds": 20,
                  "inputs": [{"name": "tkill", "stream": "table-kill-in", "idleTimeoutSeconds": 2, "rowtime": {"column": "at", "allowedLatenessSeconds": 20},
                    "columns": [{"name": "id", "type": "bigint"}, {"name": "at", "type": "timestamp(3)"}]}],
                  "outputs": [{"name": "windows", "table": {"catalog": "crm", "schema": "public", "name": "kill_windows", "keyColumns": ["at"]}},
                    {"name": "rows", "table": {"catalog": "crm", "schema": "public", "name": "kill_rows"}}]}}
                """;
        Random random = new Random(7);
        int id = 0;
        Runner runner = new Runner(pool.bootstrapServers(), trino, specification, directory);
        runner.start();
        for (int kill = 0; kill < KILLS; kill++) {
            // The first rows of a round are written when it is killed, at a random point.
            int before = id;
            Awaitility.await()
                    .atMost(WITHIN)
                    .until(() -> before == 0 || count(trino) > before - 200);
            for (int batch = 0; batch < 5; batch++) {
                List<String> rows = new ArrayList<>();
                for (int i = 0; i < 40; i++, id++) {
                    rows.add(row(id, "eu", 1, id * 100L));
                }
                pool.put("table-kill-in", rows);
                Thread.sleep(random.nextInt(500));
            }
            runner.kill();
            runner.start();
        }
        pool.put("table-kill-in", List.of(row(1_000_000, "eu", 1, 1_000_000 * 100L)));
        try {
            int rows = id;
            await(
                    trino,
                    "SELECT count(*), count(DISTINCT id) FROM crm.public.kill_rows",
                    List.of(List.of(Integer.toString(rows + 1), Integer.toString(rows + 1))));
            await(
                    trino,
                    "SELECT count(*), sum(n), sum(s) FROM crm.public.kill_windows",
                    List.of(
                            List.of(
                                    Integer.toString(rows / 10),
                                    Integer.toString(rows),
                                    Long.toString(rows * (rows - 1L) / 2))));
        } finally {
            runner.close();
        }
    }

    private static long count(Trino trino) throws Exception {
        return Long.parseLong(
                trino.query("SELECT count(*) FROM crm.public.kill_rows").getFirst().getFirst());
    }

    private static void await(Trino trino, String sql, List<List<String>> rows) {
        Awaitility.await()
                .atMost(WITHIN)
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(trino.query(sql)).isEqualTo(rows));
    }

    private static String input(String name, String stream) {
        return "{\"name\": \"%s\", \"stream\": \"%s\", \"rowtime\": \"at\", %s}"
                .formatted(name, stream, COLUMNS);
    }

    private static String row(int id, String region, double price, long after) {
        return "{\"id\":%d,\"region\":\"%s\",\"price\":%s,\"at\":%d}"
                .formatted(id, region, price, BASE + after);
    }
}
