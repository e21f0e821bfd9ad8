/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.input.StartAt;
import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Results;
import dev.millrace.analytics.testing.Running;
import dev.millrace.analytics.testing.Trino;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Applications on a real Trino and a real Kafka, from records put to results read by the API. */
@ExtendWith({Pool.Shared.class, Trino.Shared.class})
@Timeout(240)
class ApplicationIT {

    private static final long BASE = 1_795_428_000_000L; // 2026-11-23T10:00:00Z

    @Test
    void rowsGoThroughAsTheyCome(Pool pool, Trino trino) throws Exception {
        streams(pool, "pass");
        try (Running running =
                application(pool, trino, "pass")
                        .start(
                                "INSERT INTO \"pass-out\" SELECT id, upper(region) AS region, price * 2 AS twice FROM"
                                        + " pass WHERE price > 1")) {
            pool.put("pass-in", List.of(order(1, 0, "eu", 1), order(2, 1, "us", 2), "no JSON"));

            await(pool, "pass-out", 1);
            pool.put("pass-in", List.of(order(3, 2, "eu", 3)));
            await(pool, "pass-out", 2);

            assertThat(pool.records("pass-out"))
                    .containsExactlyInAnyOrder(
                            "{\"id\":2,\"region\":\"US\",\"twice\":4.0}",
                            "{\"id\":3,\"region\":\"EU\",\"twice\":6.0}");
            assertThat(running.status().errorRows()).isEqualTo(1);
            assertThat(running.status().json()).contains("\"valid\":true").contains("RUNNING");
        }
    }

    @Test
    void aWindowComesOnceWhenTheWatermarkPassed(Pool pool, Trino trino) throws Exception {
        streams(pool, "tumble");
        try (Running running =
                application(pool, trino, "tumble")
                        .output("tumble-late", "tumble-late", Optional.empty(), true)
                        .start(
                                """
                                CREATE VIEW minutes AS SELECT window_start, window_end, region, count(*) AS orders, sum(price) AS revenue
                                  FROM TABLE(TUMBLE(TABLE(tumble), DESCRIPTOR(at), INTERVAL '1' MINUTE))
                                  GROUP BY window_start, window_end, region;
                                INSERT INTO "tumble-out" SELECT * FROM minutes;
                                """)) {
            pool.createStream("tumble-late", 1);
            pool.put(
                    "tumble-in",
                    List.of(
                            order(1, 1, "eu", 1),
                            order(2, 59, "eu", 2),
                            order(3, 30, "us", 4),
                            order(4, 61, "eu", 8),
                            order(5, 130, "eu", 16)));
            await(pool, "tumble-out", 3);
            pool.put("tumble-in", List.of(order(6, 5, "eu", 32), order(7, 181, "eu", 64)));
            await(pool, "tumble-out", 4);
            await(pool, "tumble-late", 1);

            assertThat(pool.records("tumble-out"))
                    .containsExactlyInAnyOrder(
                            window(0, "eu", 2, 3),
                            window(0, "us", 1, 4),
                            window(1, "eu", 1, 8),
                            window(2, "eu", 1, 16));
            assertThat(pool.records("tumble-late").getFirst())
                    .contains("\"input\":\"tumble\"")
                    .contains("32");
            assertThat(running.status().lateRows()).isEqualTo(1);
        }
    }

    @Test
    void windowsOfEveryKindEqualTheBatch(Pool pool, Trino trino) throws Exception {
        streams(pool, "kinds");
        for (String kind : List.of("hop", "cumulate", "session", "sliding", "joined", "bucket")) {
            pool.createStream("kinds-" + kind, 2);
        }
        Running.Builder builder =
                application(pool, trino, "kinds")
                        .output("kinds-hop")
                        .output("kinds-cumulate")
                        .output("kinds-session")
                        .output("kinds-sliding")
                        .output("kinds-joined")
                        .output("kinds-bucket");
        try (Running running =
                builder.start(
                        """
                        INSERT INTO "kinds-hop" SELECT window_start, count(*) AS n, sum(id) AS s
                          FROM TABLE(HOP(TABLE(kinds), DESCRIPTOR(at), INTERVAL '10' SECOND, INTERVAL '40' SECOND)) GROUP BY window_start;
                        INSERT INTO "kinds-cumulate" SELECT window_start, window_end, count(*) AS n
                          FROM TABLE(CUMULATE(TABLE(kinds), DESCRIPTOR(at), INTERVAL '20' SECOND, INTERVAL '1' MINUTE))
                          GROUP BY window_start, window_end;
                        INSERT INTO "kinds-session" SELECT region, window_start, window_end, count(*) AS n, sum(id) AS s
                          FROM TABLE(SESSION(TABLE(kinds) PARTITION BY region, DESCRIPTOR(at), INTERVAL '9' SECOND))
                          GROUP BY region, window_start, window_end;
                        INSERT INTO "kinds-sliding" SELECT id, sum(id) OVER (PARTITION BY region ORDER BY at RANGE INTERVAL '15' SECOND
                          PRECEDING) AS s FROM kinds;
                        INSERT INTO "kinds-joined" SELECT a.id AS a, b.id AS b FROM kinds a JOIN kinds b
                          ON a.region = b.region AND b.at BETWEEN a.at AND a.at + INTERVAL '3' SECOND AND a.id <> b.id;
                        INSERT INTO "kinds-bucket" SELECT date_trunc('minute', at) AS m, region, max(price) AS p FROM kinds GROUP BY 1, 2;
                        """)) {
            Random random = new Random(7);
            int rows = 600;
            for (int batch = 0; batch < 12; batch++) {
                List<String> orders = new ArrayList<>();
                for (int i = 0; i < rows / 12; i++) {
                    int id = batch * rows / 12 + i;
                    // Out of order by less than what is allowed.
                    double second = id + 2 * random.nextDouble();
                    orders.add(order(id, second, "r" + random.nextInt(4), random.nextInt(50)));
                }
                pool.put("kinds-in", orders);
                if (batch == 5) {
                    pool.reshard("kinds-in", 5);
                }
                Thread.sleep(150);
            }
            // What ends all windows. Its own results are not final.
            pool.put("kinds-in", List.of(order(100_000, 1_400, "end", 0)));

            compare(
                    pool,
                    trino,
                    "kinds-hop",
                    "SELECT s, count(*), sum(id) FROM kinds CROSS JOIN UNNEST(hop_starts(at,"
                            + " INTERVAL '10' SECOND, INTERVAL '40' SECOND)) AS w(s) WHERE id < 100000 GROUP BY s",
                    "$.window_start",
                    "$.n",
                    "$.s");
            compare(
                    pool,
                    trino,
                    "kinds-cumulate",
                    "SELECT e, count(*) FROM kinds CROSS JOIN UNNEST(cumulate_ends(at,"
                            + " INTERVAL '20' SECOND, INTERVAL '1' MINUTE)) AS w(e) WHERE id < 100000 GROUP BY e",
                    "$.window_end",
                    "$.n");
            compare(
                    pool,
                    trino,
                    "kinds-bucket",
                    "SELECT date_trunc('minute', at), region, max(price) FROM kinds WHERE id <"
                            + " 100000 GROUP BY 1, 2",
                    "$.m",
                    "$.region",
                    "$.p");
            compare(
                    pool,
                    trino,
                    "kinds-sliding",
                    "SELECT id, sum(id) OVER (PARTITION BY region ORDER BY at RANGE INTERVAL '15'"
                            + " SECOND PRECEDING) FROM kinds WHERE id < 100000",
                    "$.id",
                    "$.s");
            compare(
                    pool,
                    trino,
                    "kinds-joined",
                    "SELECT a.id, b.id FROM kinds a JOIN kinds b ON a.region = b.region AND b.at"
                            + " BETWEEN a.at AND a.at + INTERVAL '3' SECOND AND a.id <> b.id WHERE a.id < 100000",
                    "$.a",
                    "$.b");
            compare(
                    pool,
                    trino,
                    "kinds-session",
                    """
                    SELECT region, min(at), count(*), sum(id) FROM (SELECT *, sum(b) OVER (PARTITION BY region ORDER BY at, id) AS n
                      FROM (SELECT *, if(at - lag(at) OVER (PARTITION BY region ORDER BY at, id) < INTERVAL '9' SECOND, 0, 1) AS b FROM kinds
                      WHERE id < 100000)) GROUP BY region, n
                    """,
                    "$.region",
                    "$.window_start",
                    "$.n",
                    "$.s");
            assertThat(running.status().lateRows()).isZero();
        }
    }

    @Test
    void patternsEqualTheBatch(Pool pool, Trino trino) throws Exception {
        streams(pool, "patterns");
        for (String kind : List.of("prompt", "greedy", "session")) {
            pool.createStream("patterns-" + kind, 2);
        }
        String near = " AND at <= FIRST(at) + INTERVAL '20' SECOND";
        String prompt =
                """
                MATCH_RECOGNIZE (PARTITION BY region ORDER BY at, id
                  MEASURES A.id AS a, B.id AS b ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW
                  PATTERN (A X*? B) DEFINE X AS price > 5%s, B AS B.price > A.price + 30%s)\
                """;
        String greedy =
                """
                MATCH_RECOGNIZE (PARTITION BY region ORDER BY at, id
                  MEASURES FIRST(A.id) AS a, LAST(UP.id) AS b, count(UP.id) AS n AFTER MATCH SKIP TO NEXT ROW
                  PATTERN (A UP{2,}) DEFINE UP AS UP.price > PREV(UP.price)%s)\
                """;
        String session =
                "ORDER BY at, id MEASURES A.id AS a, count(*) AS n PATTERN (A B+) DEFINE B AS B.price <= PREV(B.price))";
        try (Running running =
                application(pool, trino, "patterns")
                        .output("patterns-prompt")
                        .output("patterns-greedy")
                        .output("patterns-session")
                        .history(Duration.ofSeconds(20))
                        .start(
                                "INSERT INTO \"patterns-prompt\" SELECT region, a, b FROM patterns "
                                        + prompt.formatted("", "")
                                        + ";\nINSERT INTO \"patterns-greedy\" SELECT m.* FROM patterns "
                                        + greedy.formatted("")
                                        + " AS m;\nINSERT INTO \"patterns-session\" SELECT region, a, n FROM"
                                        + " TABLE(SESSION(TABLE(patterns) PARTITION BY region, DESCRIPTOR(at),"
                                        + " INTERVAL '6' SECOND)) MATCH_RECOGNIZE (PARTITION BY region,"
                                        + " window_start "
                                        + session)) {
            Random random = new Random(11);
            for (int batch = 0; batch < 8; batch++) {
                List<String> orders = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    int id = batch * 40 + i;
                    double second = id + 2 * random.nextDouble();
                    orders.add(order(id, second, "r" + random.nextInt(4), random.nextInt(50)));
                }
                pool.put("patterns-in", orders);
                if (batch == 3) {
                    pool.reshard("patterns-in", 3);
                }
                Thread.sleep(150);
            }
            pool.put("patterns-in", List.of(order(100_000, 1_400, "end", 0)));

            String rows = "(SELECT * FROM patterns WHERE id < 100000)";
            compare(
                    pool,
                    trino,
                    "patterns-prompt",
                    "SELECT region, a, b FROM " + rows + prompt.formatted(near, near),
                    "$.region",
                    "$.a",
                    "$.b");
            compare(
                    pool,
                    trino,
                    "patterns-greedy",
                    "SELECT region, a, b, n FROM " + rows + greedy.formatted(near),
                    "$.region",
                    "$.a",
                    "$.b",
                    "$.n");
            compare(
                    pool,
                    trino,
                    "patterns-session",
                    """
                    SELECT region, a, n FROM (SELECT *, sum(b) OVER (PARTITION BY region ORDER BY at, id) AS session FROM (SELECT *,
                      if(at - lag(at) OVER (PARTITION BY region ORDER BY at, id) < INTERVAL '6' SECOND, 0, 1) AS b FROM %s))
                      MATCH_RECOGNIZE (PARTITION BY region, session %s
                    """
                            .formatted(rows, session),
                    "$.region",
                    "$.a",
                    "$.n");
            assertThat(running.status().lateRows()).isZero();
        }
    }

    /** The SQL as an application of Kinesis Data Analytics has it. */
    @Test
    void kinesisApplicationsRunAsTheyAre(Pool pool, Trino trino) throws Exception {
        streams(pool, "kda");
        for (String output : List.of("totals", "top", "distinct", "scores", "copies")) {
            pool.createStream("kda-" + output, 1);
        }
        Running.Builder builder =
                application(pool, trino, "kda")
                        .output("kda-totals")
                        .output("kda-top")
                        .output("kda-distinct")
                        .output("kda-scores")
                        .output("kda-copies")
                        .history(Duration.ofHours(1));
        try (Running running =
                builder.start(
                        """
                        CREATE OR REPLACE STREAM "DEAR" ("region" VARCHAR(2), "price" DOUBLE);
                        CREATE OR REPLACE STREAM "KDA-TOTALS" (region VARCHAR(2), orders INTEGER, total DOUBLE);
                        CREATE OR REPLACE STREAM "KDA-TOP" (item VARCHAR(8), item_count BIGINT);
                        CREATE OR REPLACE STREAM "KDA-DISTINCT" (n INTEGER);
                        CREATE OR REPLACE STREAM "KDA-SCORES" (id INTEGER, score DOUBLE, why VARCHAR(1000));
                        CREATE OR REPLACE STREAM "KDA-COPIES" (id INTEGER, at TIMESTAMP);
                        CREATE OR REPLACE PUMP "TOTALS" AS INSERT INTO "KDA-TOTALS"
                          SELECT STREAM "region", COUNT(*), SUM("price") FROM "DEAR"
                          GROUP BY "region", STEP("DEAR".ROWTIME BY INTERVAL '60' SECOND);
                        CREATE OR REPLACE PUMP "DEAR_ONES" AS INSERT INTO "DEAR"
                          SELECT STREAM region, price FROM "KDA" WHERE price >= 10;
                        CREATE OR REPLACE PUMP "TOP" AS INSERT INTO "KDA-TOP" SELECT STREAM ITEM, ITEM_COUNT FROM
                          TABLE(TOP_K_ITEMS_TUMBLING(CURSOR(SELECT STREAM * FROM "KDA"), 'region', 1, 60));
                        CREATE OR REPLACE PUMP "DISTINCT_ONES" AS INSERT INTO "KDA-DISTINCT" SELECT STREAM NUMBER_OF_DISTINCT_ITEMS FROM
                          TABLE(COUNT_DISTINCT_ITEMS_TUMBLING(CURSOR(SELECT STREAM region FROM "KDA"), 'REGION', 60));
                        CREATE OR REPLACE PUMP "SCORES" AS INSERT INTO "KDA-SCORES"
                          SELECT STREAM id, ANOMALY_SCORE, ANOMALY_EXPLANATION FROM TABLE(RANDOM_CUT_FOREST_WITH_EXPLANATION(
                            CURSOR(SELECT STREAM id, price FROM "KDA"), 100, 256, 100000, 1, true));
                        CREATE OR REPLACE PUMP "COPIES" AS INSERT INTO "KDA-COPIES"
                          SELECT STREAM id, FLOOR("KDA".ROWTIME TO MINUTE) FROM "KDA" WHERE id < 3;
                        """)) {
            List<String> orders = new ArrayList<>();
            for (int id = 0; id < 180; id++) {
                orders.add(order(id, id, "r" + (id % 7) / 2, id == 170 ? 900 : id % 40));
            }
            pool.put("kda-in", orders);
            pool.put("kda-in", List.of(order(1_000, 1_400, "end", 0)));

            String minute = "date_trunc('minute', at)";
            String rows = "(SELECT * FROM kda WHERE id < 1000)";
            compare(
                    pool,
                    trino,
                    "kda-totals",
                    "SELECT region, count(*), sum(price) FROM "
                            + rows
                            + " WHERE price >= 10 GROUP BY region, "
                            + minute,
                    "$.region",
                    "$.orders",
                    "$.total");
            await(pool, "kda-top", 3);
            await(pool, "kda-distinct", 3);
            assertThat(pool.records("kda-top"))
                    .hasSize(3)
                    .allMatch(row -> row.contains("\"item\":\"r"));
            assertThat(pool.records("kda-distinct")).containsOnly("{\"n\":4}");
            assertThat(pool.records("kda-copies"))
                    .contains("{\"id\":2,\"at\":\"2026-11-23T10:00:00.000Z\"}")
                    .hasSize(3);
            await(pool, "kda-scores", 180);
            assertThat(pool.records("kda-scores"))
                    .filteredOn(row -> row.contains("{\"id\":170,"))
                    .singleElement()
                    .asString()
                    .contains("PRICE")
                    .contains("HIGH");
        }
    }

    @Test
    void badSqlIsToldWithItsPlaceAndNothingIsRun(Pool pool, Trino trino) throws Exception {
        streams(pool, "bad");
        try (Running running =
                application(pool, trino, "bad")
                        .start("INSERT INTO \"bad-out\"\nSELECT nonsense FROM bad")) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> running.status().json().contains("\"valid\":false"));
            assertThat(running.status().json())
                    .contains("line 2:8: Column 'nonsense' cannot be resolved")
                    .contains("\"line\":2,\"column\":8");
        }
    }

    @Test
    void whereItBeganIsRememberedThoughNothingWasPut(Pool pool, Trino trino) throws Exception {
        streams(pool, "begun");
        String code = "INSERT INTO \"begun-out\" SELECT id FROM begun";
        pool.put("begun-in", List.of(order(1, 0, "eu", 1)));
        try (Running running =
                application(pool, trino, "begun").startAt(new StartAt.Latest()).start(code)) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> running.status().json().contains("\"shards\":2"));
        }
        pool.put("begun-in", List.of(order(2, 0, "eu", 1), order(3, 0, "us", 1)));
        try (Running _ =
                application(pool, trino, "begun").startAt(new StartAt.Latest()).start(code)) {
            await(pool, "begun-out", 2);
            assertThat(pool.records("begun-out"))
                    .containsExactlyInAnyOrder("{\"id\":2}", "{\"id\":3}");
        }
    }

    @Test
    void theLastGoodSqlRunsWhileANewOneIsWrong(Pool pool, Trino trino) throws Exception {
        streams(pool, "fallback");
        try (Running running =
                application(pool, trino, "fallback")
                        .fallback("INSERT INTO \"fallback-out\" SELECT id FROM fallback")
                        .start("INSERT INTO \"fallback-out\" SELECT id FROM nowhere")) {
            pool.put("fallback-in", List.of(order(1, 0, "eu", 1)));
            await(pool, "fallback-out", 1);

            assertThat(running.status().json())
                    .contains("\"state\":\"RUNNING\"")
                    .contains("\"valid\":false")
                    .contains("reads no input");
        }
    }

    @Test
    void aRestartGoesOnWhereItWas(Pool pool, Trino trino) throws Exception {
        streams(pool, "again");
        String code =
                "INSERT INTO \"again-out\" SELECT window_start, count(*) AS n FROM TABLE(TUMBLE(TABLE(again),"
                        + " DESCRIPTOR(at), INTERVAL '1' MINUTE)) GROUP BY window_start";
        try (Running _ = application(pool, trino, "again").start(code)) {
            pool.put("again-in", List.of(order(1, 1, "eu", 1), order(2, 70, "eu", 1)));
            await(pool, "again-out", 1);
        }
        pool.put("again-in", List.of(order(3, 71, "eu", 1)));
        pool.reshard("again-in", 4);
        pool.reshard("again-out", 1);
        pool.put("again-in", List.of(order(4, 72, "eu", 1), order(5, 130, "eu", 1)));
        try (Running _ = application(pool, trino, "again").start(code)) {
            await(pool, "again-out", 2);
            pool.put("again-in", List.of(order(6, 190, "eu", 1)));
            await(pool, "again-out", 3);
        }
        assertThat(pool.records("again-out"))
                .containsExactlyInAnyOrder(
                        "{\"window_start\":\"2026-11-23T10:00:00.000Z\",\"n\":1}",
                        "{\"window_start\":\"2026-11-23T10:01:00.000Z\",\"n\":3}",
                        "{\"window_start\":\"2026-11-23T10:02:00.000Z\",\"n\":1}");
    }

    // --- what tests share

    private static void streams(Pool pool, String name) {
        pool.createStream(name + "-in", 2);
        pool.createStream(name + "-out", 2);
    }

    private static Running.Builder application(Pool pool, Trino trino, String name) {
        return new Running.Builder(pool, trino, name)
                .input(
                        """
                        {"name": "%s", "stream": "%s-in", "rowtime": "at", "columns": [{"name": "id", "type": "bigint"},
                          {"name": "at", "type": "timestamp(3)"}, {"name": "region", "type": "varchar"},
                          {"name": "price", "type": "double"}]}
                        """
                                .formatted(name, name),
                        Duration.ofSeconds(
                                name.equals("kinds") || name.equals("patterns") ? 60 : 0),
                        Duration.ofSeconds(1))
                .output(name + "-out");
    }

    private static String order(int id, double second, String region, int price) {
        return "{\"id\":%d,\"at\":%d,\"region\":\"%s\",\"price\":%d}"
                .formatted(id, BASE + (long) (second * 1_000), region, price);
    }

    private static String window(int minute, String region, int orders, int revenue) {
        return "{\"window_start\":\"2026-11-23T10:0%d:00.000Z\",\"window_end\":\"2026-11-23T10:0%d:00.000Z\",\"region\":\"%s\",\"orders\":%d,\"revenue\":%d.0}"
                .formatted(minute, minute + 1, region, orders, revenue);
    }

    private static void await(Pool pool, String stream, int count) {
        Awaitility.await(stream)
                .atMost(Duration.ofSeconds(40))
                .until(() -> pool.records(stream).size() >= count);
    }

    /**
     * The results, as the fields of their JSON, are those of a batch query over all of the input.
     */
    private static void compare(
            Pool pool, Trino trino, String output, String batch, String... fields)
            throws Exception {
        List<List<String>> expected = trino.query(batch);
        assertThat(expected).isNotEmpty();
        await(pool, output, expected.size());
        assertThat(
                        Results.ofRecords(
                                pool.records(output),
                                Stream.of(fields).map(field -> field.substring(2)).toList()))
                .as(output)
                .isEqualTo(Results.ofRows(expected));
    }
}
