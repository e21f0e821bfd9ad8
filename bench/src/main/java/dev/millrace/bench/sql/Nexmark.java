/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench.sql;

import dev.millrace.analytics.sql.ContinuousQuery;
import dev.millrace.analytics.sql.SqlException;
import dev.millrace.bench.sql.NexmarkEvents.Event;
import dev.millrace.bench.sql.NexmarkEvents.Kind;
import dev.millrace.bench.sql.Pod.Application;
import dev.millrace.table.TableDescription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Nexmark's queries, each as an application over the same streams, and what comes out compared with
 * DuckDB's answer over all events. Arguments: those of {@code bench/run}, an unused one, and the
 * queries to run; all if none.
 */
public final class Nexmark {

    /** Ten minutes before a day ends, so that windows of days are whole on one side. */
    private static final long BEGIN = 1_795_477_800_000L; // 2026-11-23T23:50:00Z

    private static final int SHARDS = 2;
    private static final Duration RUN_MAX = Duration.ofMinutes(2);

    /** Long enough for a result that comes once too often. */
    private static final Duration SETTLE = Duration.ofSeconds(2);

    private final Streams streams;
    private final int events;
    private final Map<Kind, String> topics = new EnumMap<>(Kind.class);
    private boolean same = true;

    /**
     * @param cpuSeconds when the last one that was wanted was there
     */
    private record Results(List<String> rows, double seconds, double cpuSeconds) {}

    private Nexmark(String[] arguments) {
        this.streams = new Streams(arguments);
        this.events = Integer.getInteger("bench.events", 500_000);
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length < 6) {
            System.err.println("usage: bench/run nexmark (it calls this)");
            System.exit(2);
        }
        Nexmark nexmark = new Nexmark(arguments);
        Set<String> asked = Set.copyOf(List.of(arguments).subList(6, arguments.length));
        Set<String> known =
                Arrays.stream(NexmarkQuery.values())
                        .map(query -> query.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.toCollection(LinkedHashSet::new));
        if (!known.containsAll(asked)) {
            System.err.printf("there are the queries %s, not all of %s%n", known, asked);
            System.exit(2);
        }
        List<NexmarkQuery> queries =
                Arrays.stream(NexmarkQuery.values())
                        .filter(query ->
                                asked.isEmpty()
                                        || asked.contains(query.name().toLowerCase(Locale.ROOT)))
                        .toList();
        try (Pod pod = new Pod(nexmark.streams.bootstrapServers());
                NexmarkBatch batch = new NexmarkBatch()) {
            nexmark.fill(batch);
            System.out.printf(
                    "%,d events in %d shards a stream%n%-5s %10s %14s %10s  %s%n",
                    nexmark.events,
                    SHARDS,
                    "",
                    "rows/s",
                    "per CPU second",
                    "results",
                    "as DuckDB's");
            for (NexmarkQuery query : queries) {
                nexmark.run(pod, batch, query);
            }
        }
        queries.stream()
                .filter(query -> !query.refused().isEmpty())
                .forEach(query ->
                        System.out.println(query + " as Nexmark has it: " + refusal(query)));
        nexmark.streams.close();
        if (!nexmark.same) {
            System.exit(1);
        }
    }

    // --- events

    private void fill(NexmarkBatch batch) throws Exception {
        for (Kind kind : Kind.values()) {
            topics.put(kind, streams.create("nexmark-" + NexmarkEvents.table(kind), SHARDS));
        }
        NexmarkEvents generator = new NexmarkEvents(1, BEGIN);
        try (KafkaProducer<byte[], byte[]> producer = streams.producer()) {
            for (int i = 0; i < events; i++) {
                Event event = generator.next();
                send(producer, event.kind(), i % SHARDS, event.json());
            }
        }
        for (Kind kind : Kind.values()) {
            batch.load(kind, rows(topic(kind)));
        }
        // What ends all windows is in no window that is compared: it comes two days later.
        long end = BEGIN + Duration.ofDays(2).toMillis();
        try (KafkaProducer<byte[], byte[]> producer = streams.producer()) {
            for (Kind kind : Kind.values()) {
                for (int shard = 0; shard < SHARDS; shard++) {
                    send(producer, kind, shard, "{\"at\":" + end + "}");
                }
            }
        }
    }

    private String topic(Kind kind) {
        return Optional.ofNullable(topics.get(kind)).orElseThrow();
    }

    private void send(KafkaProducer<byte[], byte[]> producer, Kind kind, int shard, String json) {
        var _ =
                producer.send(
                        new ProducerRecord<>(
                                topic(kind), shard, null, json.getBytes(StandardCharsets.UTF_8)));
    }

    private List<ConsumerRecord<byte[], byte[]>> rows(String topic) {
        List<ConsumerRecord<byte[], byte[]>> rows = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = streams.consumer("batch-" + topic)) {
            consumer.subscribe(List.of(topic));
            for (int empty = 0; empty < 5; ) {
                int before = rows.size();
                consumer.poll(Duration.ofMillis(500)).forEach(rows::add);
                empty = rows.size() == before && !rows.isEmpty() ? empty + 1 : 0;
            }
        }
        return rows;
    }

    // --- queries

    private void run(Pod pod, NexmarkBatch batch, NexmarkQuery query) throws Exception {
        String name = query.name().toLowerCase(Locale.ROOT);
        List<String> expected = batch.query(query.batch());
        String topic = streams.create(name + "-out", SHARDS);
        try (Application application =
                pod.start(
                        name,
                        "INSERT INTO out " + query.sql(),
                        query.inputs().stream()
                                .map(kind -> input(kind, query))
                                .collect(Collectors.joining(", ")),
                        "{\"name\": \"out\", \"stream\": \"" + name + "-out\"}")) {
            application.awaitRunning();
            double cpuBefore = application.cpuSeconds();
            Results found = results(topic, expected.size(), application::cpuSeconds);
            long rows = query.inputs().stream().mapToLong(batch::rows).sum();
            String difference = difference(found.rows(), expected);
            same &= difference.isEmpty();
            System.out.printf(
                    "%-5s %,10.0f %,14.0f %,10d  %s%n",
                    name,
                    rows / found.seconds(),
                    rows / (found.cpuSeconds() - cpuBefore),
                    found.rows().size(),
                    difference.isEmpty() ? "yes" : difference);
        }
    }

    private static String input(Kind kind, NexmarkQuery query) {
        String rowtime = query.isByArrival() ? "" : "\"rowtime\": {\"column\": \"at\"}, ";
        return "{\"name\": \"%s\", \"stream\": \"nexmark-%s\", \"idleTimeoutSeconds\": 5, %s\"columns\": [%s]}"
                .formatted(
                        query.isByArrival() ? "arrived" : NexmarkEvents.table(kind),
                        NexmarkEvents.table(kind),
                        rowtime,
                        NexmarkEvents.columns(kind));
    }

    /** The results until there are as many as are wanted, and what comes soon after them. */
    private Results results(String topic, int wanted, DoubleSupplier cpuSeconds) throws Exception {
        List<String> found = new ArrayList<>();
        long start = System.nanoTime();
        long end = start + RUN_MAX.toNanos();
        try (KafkaConsumer<byte[], byte[]> consumer = streams.consumer(topic)) {
            consumer.subscribe(List.of(topic));
            while (found.size() < wanted && System.nanoTime() < end) {
                poll(consumer, found);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpu = cpuSeconds.getAsDouble();
            long settled = System.nanoTime() + SETTLE.toNanos();
            while (System.nanoTime() < settled) {
                poll(consumer, found);
            }
            return new Results(found, seconds, cpu);
        }
    }

    private static void poll(KafkaConsumer<byte[], byte[]> consumer, List<String> into)
            throws Exception {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
            NexmarkBatch.ofRecord(record.value()).ifPresent(into::add);
        }
    }

    /** How the results differ; empty if they do not. */
    private static String difference(List<String> found, List<String> expected) {
        Map<String, Integer> counts = new HashMap<>();
        expected.forEach(row -> counts.merge(row, 1, Integer::sum));
        found.forEach(row -> counts.merge(row, -1, Integer::sum));
        List<Map.Entry<String, Integer>> others =
                counts.entrySet().stream().filter(entry -> entry.getValue() != 0).toList();
        return others.isEmpty()
                ? ""
                : "NO: %d of %d differ, such as %s"
                        .formatted(others.size(), expected.size(), others.getFirst());
    }

    /** What is said of a query that cannot run for ever. */
    private static String refusal(NexmarkQuery query) {
        Map<String, TableDescription> tables =
                Arrays.stream(Kind.values())
                        .collect(
                                Collectors.toMap(
                                        NexmarkEvents::table,
                                        kind ->
                                                TableDescription.parse(
                                                        "{\"name\": \"%1$s\", \"stream\": \"%1$s\", \"rowtime\": \"at\", \"columns\": [%2$s]}"
                                                                .formatted(
                                                                        NexmarkEvents.table(kind),
                                                                        NexmarkEvents.columns(
                                                                                kind)))));
        try {
            ContinuousQuery.parse(
                    "INSERT INTO out " + query.refused(),
                    tables,
                    Set.of("out"),
                    Optional.of(Duration.ofDays(1)));
            return "NOT REFUSED";
        } catch (SqlException e) {
            return e.getMessage() == null ? "refused" : e.getMessage();
        }
    }
}
