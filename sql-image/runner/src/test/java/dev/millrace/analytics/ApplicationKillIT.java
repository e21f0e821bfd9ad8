/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.CrashRun.Victim;
import dev.millrace.analytics.testing.Broker;
import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Trino;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runner, Trino and broker as processes that are killed at random while rows come and streams are
 * resharded: the results of queries of every shape are those of one query over all rows. {@code
 * sql-image/bin/crashes} kills more often, and prints which kills which query survived.
 */
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class ApplicationKillIT {

    /** How many runs for each process that is killed; one run with each of them if 0. */
    private static final int RUNS = Integer.getInteger("crashes.runs", 0);

    private static final int FIRST_SEED = Integer.getInteger("crashes.seed", 1);
    private static final int KILLS = 3;

    private final Map<String, Map<QueryShape, Integer>> equal = new LinkedHashMap<>();
    private final Map<String, Integer> runs = new LinkedHashMap<>();
    private final List<String> differences = new ArrayList<>();

    @Test
    void killsChangeNothing(@TempDir Path directory) throws Exception {
        Broker broker = new Broker(directory);
        broker.start();
        try (broker;
                Pool pool = new Pool(broker.endpoint(), broker.bootstrapServers(), () -> {});
                Trino trino = Trino.start(broker.bootstrapServers())) {
            CrashRun.Servers servers = new CrashRun.Servers(broker, pool, trino, directory);
            int seed = FIRST_SEED;
            if (RUNS == 0) {
                run(servers, seed, "each", List.of(Victim.RUNNER, Victim.BROKER, Victim.TRINO));
            }
            for (int round = 0; round < RUNS; round++) {
                for (Victim victim : Victim.values()) {
                    run(
                            servers,
                            seed++,
                            victim.name().toLowerCase(Locale.ROOT),
                            Collections.nCopies(KILLS, victim));
                }
                print();
            }
        }
        assertThat(differences).isEmpty();
    }

    private void run(CrashRun.Servers servers, int seed, String killed, List<Victim> victims)
            throws Exception {
        Map<QueryShape, String> differing = new CrashRun(servers, seed).run(victims);
        differences.addAll(differing.values());
        runs.merge(killed, 1, Integer::sum);
        for (QueryShape shape : QueryShape.values()) {
            equal.computeIfAbsent(killed, _ -> new TreeMap<>())
                    .merge(shape, differing.containsKey(shape) ? 0 : 1, Integer::sum);
        }
    }

    /** The matrix: how many runs of each query gave what one query over all rows gives. */
    private void print() {
        System.out.println("| killed, " + KILLS + " times a run | runs | " + header() + " |");
        System.out.println("| --- |" + " --- |".repeat(QueryShape.values().length + 1));
        equal.forEach((killed, shapes) -> {
            StringBuilder row = new StringBuilder("| " + killed + " | " + runs.get(killed) + " |");
            shapes.values().forEach(count -> row.append(' ').append(count).append(" |"));
            System.out.println(row);
        });
    }

    private static String header() {
        return Arrays.stream(QueryShape.values())
                .map(shape -> shape.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                .collect(Collectors.joining(" | "));
    }
}
