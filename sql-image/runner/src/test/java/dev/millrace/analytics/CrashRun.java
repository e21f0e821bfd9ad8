/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.analytics.testing.Broker;
import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Results;
import dev.millrace.analytics.testing.Runner;
import dev.millrace.analytics.testing.Trino;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * An application with a query of every shape, whose input is random: rows out of order, twice, and
 * far too late, in streams that are resharded, while processes are killed at random points.
 */
final class CrashRun {

    /** A process that is killed. */
    enum Victim {
        RUNNER,
        TRINO,
        BROKER
    }

    /** The servers, which outlive a run. */
    record Servers(Broker broker, Pool pool, Trino trino, Path directory) {}

    private static final long BEGIN = 1_795_428_000_000L;
    private static final int MILLIS_A_ROW = 100;
    private static final int LATENESS_SECONDS = 6;
    private static final int LATE_ID = 900_000;
    private static final int END_ID = 1_000_000;
    private static final int BATCHES_A_KILL = 5;

    private final Servers servers;
    private final int seed;
    private final Random random;
    private final String table;
    private int rows;
    private int lateRows;

    CrashRun(Servers servers, int seed) {
        this.servers = servers;
        this.seed = seed;
        this.random = new Random(seed);
        this.table = "crash" + seed;
    }

    /**
     * Kills these processes one after the other.
     *
     * @return the shapes whose results differ from those of one query over all rows, and how
     */
    Map<QueryShape, String> run(List<Victim> victims) throws Exception {
        Pool pool = servers.pool();
        pool.createStream(table + "-in", 2);
        pool.createStream(table + "-late", 1);
        for (QueryShape shape : QueryShape.values()) {
            pool.createStream(stream(shape), 1 + random.nextInt(2));
        }
        try (Runner runner =
                new Runner(
                        pool.bootstrapServers(),
                        servers.trino(),
                        specification(),
                        servers.directory().resolve(table))) {
            runner.start();
            for (Victim victim : victims) {
                for (int batch = 0; batch < BATCHES_A_KILL; batch++) {
                    putSome();
                    Thread.sleep(random.nextInt(400));
                }
                kill(victim, runner);
                reshard();
            }
            putLateRows();
            putSome();
            put(List.of(row(END_ID, BEGIN + 10_000_000)));
            servers.trino().awaitReady();
            Map<QueryShape, List<String>> expected = new EnumMap<>(QueryShape.class);
            for (QueryShape shape : QueryShape.values()) {
                String inTime = "(SELECT * FROM " + table + " WHERE id < " + LATE_ID + ")";
                expected.put(
                        shape, Results.ofRows(servers.trino().query(shape.batch(table, inTime))));
            }
            awaitResults(expected);
            // What comes once too often comes later than the last one that is due.
            Thread.sleep(500);
            return differences(expected);
        }
    }

    private String stream(QueryShape shape) {
        return table + "-" + shape.output();
    }

    private String specification() {
        String outputs =
                Arrays.stream(QueryShape.values())
                        .map(shape ->
                                "{\"name\":\"%s\",\"stream\":\"%s\"}"
                                        .formatted(shape.output(), stream(shape)))
                        .collect(Collectors.joining(","));
        String code =
                Arrays.stream(QueryShape.values())
                        .map(QueryShape::statement)
                        .collect(Collectors.joining())
                        .replaceAll("\\binput\\b", table)
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n");
        return """
        {"name": "%1$s", "uid": "%1$s", "code": "%2$s",
         "spec": {"startingPosition": "TRIM_HORIZON", "latencyMilliseconds": 20, "historySeconds": 20,
          "inputs": [{"name": "%1$s", "stream": "%1$s-in", "idleTimeoutSeconds": 2,
            "rowtime": {"column": "at", "allowedLatenessSeconds": %3$d},
            "columns": [{"name": "id", "type": "bigint"}, {"name": "at", "type": "timestamp(3)"},
              {"name": "region", "type": "varchar"}, {"name": "price", "type": "double"}]}],
          "outputs": [%4$s, {"name": "late", "stream": "%1$s-late", "lateRows": true}]}}
        """
                .formatted(table, code, LATENESS_SECONDS, outputs);
    }

    // --- what is put

    /** Rows of some seconds, out of order by less than is allowed, and one of them twice. */
    private void putSome() {
        List<String> batch = new ArrayList<>();
        for (int i = 0; i < 20; i++, rows++) {
            long disorder = random.nextLong(LATENESS_SECONDS * 900L);
            batch.add(row(rows, BEGIN + (long) rows * MILLIS_A_ROW - disorder));
        }
        batch.add(batch.get(random.nextInt(batch.size())));
        put(batch);
    }

    /** Rows of the day before, when results were given already. */
    private void putLateRows() {
        Awaitility.await("the first results")
                .atMost(Duration.ofSeconds(120))
                .ignoreException(SdkException.class)
                .until(() -> !servers.pool().records(stream(QueryShape.TUMBLING)).isEmpty());
        lateRows = 3;
        put(
                IntStream.range(0, lateRows)
                        .mapToObj(i -> row(LATE_ID + i, BEGIN - 86_400_000L + i))
                        .toList());
    }

    private String row(int id, long time) {
        return "{\"id\":%d,\"at\":%d,\"region\":\"r%d\",\"price\":%d}"
                .formatted(id, time, random.nextInt(5), random.nextInt(50));
    }

    private void put(List<String> batch) {
        Awaitility.await("a put")
                .atMost(Duration.ofSeconds(60))
                .pollInSameThread()
                .ignoreException(SdkException.class)
                .until(() -> {
                    servers.pool().put(table + "-in", batch);
                    return true;
                });
    }

    // --- what happens to it

    private void kill(Victim victim, Runner runner) throws InterruptedException {
        switch (victim) {
            case RUNNER -> {
                runner.kill();
                runner.start();
            }
            case TRINO -> {
                servers.trino().kill();
                servers.trino().startAgain();
            }
            case BROKER -> {
                servers.broker().kill();
                servers.broker().start();
            }
        }
    }

    private void reshard() {
        String stream =
                random.nextBoolean()
                        ? table + "-in"
                        : stream(QueryShape.values()[random.nextInt(QueryShape.values().length)]);
        Awaitility.await("a reshard of " + stream)
                .atMost(Duration.ofSeconds(60))
                .pollInSameThread()
                .ignoreException(SdkException.class)
                .until(() -> {
                    servers.pool().reshard(stream, 1 + random.nextInt(4));
                    return true;
                });
    }

    // --- what comes out

    private void awaitResults(Map<QueryShape, List<String>> expected) {
        Awaitility.await("all results of seed " + seed)
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(500))
                .ignoreException(SdkException.class)
                .until(() ->
                        servers.pool().records(table + "-late").size() >= lateRows
                                && expected.entrySet().stream()
                                        .allMatch(each ->
                                                servers.pool().records(stream(each.getKey())).size()
                                                        >= each.getValue().size()));
    }

    private Map<QueryShape, String> differences(Map<QueryShape, List<String>> expected)
            throws Exception {
        assertThat(servers.pool().records(table + "-late"))
                .as("late rows of seed %d", seed)
                .hasSize(lateRows)
                .doesNotHaveDuplicates();
        Map<QueryShape, String> differences = new EnumMap<>(QueryShape.class);
        for (QueryShape shape : QueryShape.values()) {
            List<String> found =
                    Results.ofRecords(servers.pool().records(stream(shape)), shape.fields());
            List<String> wanted = expected.getOrDefault(shape, List.of());
            assertThat(wanted).as(shape.name().toLowerCase(Locale.ROOT)).isNotEmpty();
            if (!found.equals(wanted)) {
                List<String> more = new ArrayList<>(found);
                wanted.forEach(more::remove);
                List<String> fewer = new ArrayList<>(wanted);
                found.forEach(fewer::remove);
                differences.put(
                        shape, "seed " + seed + ": too much " + more + ", missing " + fewer);
            }
        }
        return differences;
    }
}
