/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Running;
import dev.millrace.analytics.testing.Trino;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an application needs is away: it says so, loses nothing, and goes on by itself. */
@ExtendWith({Pool.Shared.class, Trino.Shared.class})
@Timeout(600)
class TroubleIT {

    private static final Duration WITHIN = Duration.ofMinutes(2);

    @Test
    void streamsThatAreDeletedBeneathItAreWaitedFor(Pool pool, Trino trino) throws Exception {
        pool.createStream("gone-in", 1);
        pool.createStream("gone-out", 1);
        try (Running running =
                new Running.Builder(pool, trino, "gone")
                        .input(
                                "{\"name\": \"gone\", \"stream\": \"gone-in\", \"columns\": [{\"name\": \"id\", \"type\": \"bigint\"}]}")
                        .output("gone-out")
                        .start("INSERT INTO \"gone-out\" SELECT id FROM gone")) {
            pool.put("gone-in", List.of("{\"id\":1}"));
            Awaitility.await().atMost(WITHIN).until(() -> pool.records("gone-out").size() == 1);

            delete(pool, "gone-out");
            pool.put("gone-in", List.of("{\"id\":2}"));
            awaitProblem(running, "StreamMissing", "gone-out");
            pool.createStream("gone-out", 2);
            Awaitility.await().atMost(WITHIN).until(() -> pool.records("gone-out").size() == 1);
            assertThat(pool.records("gone-out")).containsExactly("{\"id\":2}");

            delete(pool, "gone-in");
            awaitProblem(running, "StreamMissing", "gone-in");
            pool.createStream("gone-in", 1);
            pool.put("gone-in", List.of("{\"id\":3}"));
            Awaitility.await().atMost(WITHIN).until(() -> pool.records("gone-out").size() == 2);
            assertThat(running.status().problem()).isEmpty();
        }
        assertThat(pool.records("gone-out")).containsExactlyInAnyOrder("{\"id\":2}", "{\"id\":3}");
    }

    @Test
    void aTrinoThatIsNotThereIsSaid(Pool pool, Trino trino) throws Exception {
        pool.createStream("no-trino", 1);
        Properties driver = new Properties();
        driver.put("user", "test");
        try (Running running =
                new Running.Builder(pool, trino, "no-trino")
                        .input(
                                "{\"name\": \"no_trino\", \"stream\": \"no-trino\", \"columns\": [{\"name\": \"id\", \"type\": \"bigint\"}]}")
                        .output("no-trino")
                        .driver("jdbc:trino://127.0.0.1:1/millrace/default", driver)
                        .start("INSERT INTO \"no-trino\" SELECT id FROM no_trino")) {
            awaitProblem(running, "TrinoUnreachable", "127.0.0.1:1");
            assertThat(running.status().isReady()).isFalse();
        }
    }

    private static void delete(Pool pool, String stream) {
        pool.client().deleteStream(r -> r.streamName(stream));
        Awaitility.await()
                .atMost(WITHIN)
                .until(() -> !pool.client().listStreams().streamNames().contains(stream));
    }

    private static void awaitProblem(Running running, String reason, String named) {
        Awaitility.await()
                .atMost(WITHIN)
                .until(() ->
                        running.status()
                                .problem()
                                .filter(problem ->
                                        problem.reason().equals(reason)
                                                && problem.message().contains(named))
                                .isPresent());
    }
}
