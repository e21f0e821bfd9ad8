/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.testing.Database;
import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Running;
import dev.millrace.analytics.testing.Trino;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Streams joined with versions of rows, and with tables of a database. */
@ExtendWith({Pool.Shared.class, Trino.Shared.class, Database.Shared.class})
@Timeout(600)
class JoinIT {

    private static final Duration WITHIN = Duration.ofMinutes(2);
    private static final long BASE = 1_795_428_000_000L;

    @Test
    void aRowFindsTheVersionThatHeldWhenItHappened(Pool pool, Trino trino) throws Exception {
        pool.createStream("asof-orders", 2);
        pool.createStream("asof-rates", 2);
        pool.createStream("asof-out", 1);
        try (Running _ =
                new Running.Builder(pool, trino, "asof")
                        .input(
                                input("asof_orders", "asof-orders", "id"),
                                Duration.ZERO,
                                Duration.ofSeconds(30))
                        .input(
                                input("asof_rates", "asof-rates", "rate"),
                                Duration.ZERO,
                                Duration.ofSeconds(30))
                        .output("asof-out")
                        .history(Duration.ofSeconds(60))
                        .start(
                                """
                                INSERT INTO "asof-out" SELECT o.id, r.rate FROM asof_orders o
                                  LEFT JOIN asof_rates FOR TIMESTAMP AS OF o.at AS r ON r.currency = o.currency WHERE o.id < 1000
                                """)) {
            // The orders are there before the rates that held then.
            pool.put(
                    "asof-orders",
                    List.of(
                            row("id", 1, "eur", 3),
                            row("id", 2, "eur", 10),
                            row("id", 3, "usd", 4),
                            row("id", 4, "usd", 12),
                            row("id", 5, "eur", 95),
                            row("id", 6, "chf", 20)));
            for (int shard = 0; shard < 20; shard++) {
                pool.put("asof-orders", List.of(row("id", 1_000 + shard, "eur", 200)));
            }
            pool.put(
                    "asof-rates",
                    List.of(
                            row("rate", 11, "eur", 10),
                            row("rate", 10, "eur", 0),
                            row("rate", 20, "usd", 5),
                            row("rate", 12, "eur", 30)));
            for (int shard = 0; shard < 20; shard++) {
                pool.put("asof-rates", List.of(row("rate", 90 + shard, "gbp", 200)));
            }
            Awaitility.await().atMost(WITHIN).until(() -> pool.records("asof-out").size() >= 6);
        }
        // The fifth one's last rate is older than the history.
        assertThat(pool.records("asof-out"))
                .containsExactlyInAnyOrder(
                        "{\"id\":1,\"rate\":10}",
                        "{\"id\":2,\"rate\":11}",
                        "{\"id\":3,\"rate\":null}",
                        "{\"id\":4,\"rate\":20}",
                        "{\"id\":5,\"rate\":null}",
                        "{\"id\":6,\"rate\":null}");
    }

    @Test
    void aTableOfADatabaseThatIsDroppedIsWaitedFor(Pool pool, Trino trino, Database database)
            throws Exception {
        pool.createStream("enrich-in", 1);
        pool.createStream("enrich-out", 1);
        String table = "CREATE TABLE customers (id bigint, name text)";
        database.execute(table + "; INSERT INTO customers VALUES (1, 'Ada')");
        try (Running running =
                new Running.Builder(pool, trino, "enrich")
                        .input(input("enrich_in", "enrich-in", "id"))
                        .output("enrich-out")
                        .start(
                                "INSERT INTO \"enrich-out\" SELECT e.id, c.name FROM enrich_in e LEFT JOIN crm.public.customers c ON c.id = e.id")) {
            pool.put("enrich-in", List.of(row("id", 1, "eur", 0)));
            Awaitility.await().atMost(WITHIN).until(() -> pool.records("enrich-out").size() == 1);
            database.execute("DROP TABLE customers");
            pool.put("enrich-in", List.of(row("id", 2, "eur", 0), row("id", 1, "eur", 1)));
            Awaitility.await()
                    .atMost(WITHIN)
                    .until(() ->
                            running.status()
                                    .problem()
                                    .filter(problem -> problem.message().contains("customers"))
                                    .isPresent());
            database.execute(table + "; INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob')");
            Awaitility.await().atMost(WITHIN).until(() -> pool.records("enrich-out").size() == 3);
            assertThat(running.status().problem()).isEmpty();
        }
        assertThat(pool.records("enrich-out"))
                .containsExactlyInAnyOrder(
                        "{\"id\":1,\"name\":\"Ada\"}",
                        "{\"id\":1,\"name\":\"Ada\"}",
                        "{\"id\":2,\"name\":\"Bob\"}");
    }

    private static String input(String name, String stream, String value) {
        return ("{\"name\": \"%s\", \"stream\": \"%s\", \"rowtime\": \"at\", \"columns\": [{\"name\": \"%s\", \"type\": \"bigint\"},"
                        + " {\"name\": \"currency\", \"type\": \"varchar\"}, {\"name\": \"at\", \"type\": \"timestamp(3)\"}]}")
                .formatted(name, stream, value);
    }

    private static String row(String name, int value, String currency, int second) {
        return "{\"%s\":%d,\"currency\":\"%s\",\"at\":%d}"
                .formatted(name, value, currency, BASE + second * 1_000L);
    }
}
