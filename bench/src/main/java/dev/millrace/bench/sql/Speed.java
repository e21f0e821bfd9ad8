/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.bench.CpuTime;
import dev.millrace.bench.sql.Pod.Application;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * How soon results come, what an idle application costs, and how fast rows are aggregated, beside
 * Flink SQL on the same topic. Arguments: those of {@code bench/run}, then the folder of Flink's
 * jars, and which parts to run.
 */
public final class Speed {

    private static final int ROUNDS = 150;
    private static final int WARM_UP = 30;
    private static final long BEGIN = 1_795_428_000_000L;
    private static final int ROW_BYTES = 200;
    private static final int REGIONS = 20;
    private static final List<String> PARTS = List.of("latency", "throughput", "flink");
    private static final Duration ROUND_MAX = Duration.ofSeconds(30);
    private static final Duration IDLE = Duration.ofSeconds(40);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String SPEED_TABLE =
            """
            {"name": "speed", "stream": "%s", "idleTimeoutSeconds": 2, "rowtime": {"column": "at"}, "columns": [
              {"name": "at", "type": "timestamp(3)"}, {"name": "id", "type": "bigint"}, {"name": "region", "type": "varchar"},
              {"name": "price", "type": "double"}, {"name": "note", "type": "varchar"}]}
            """;

    private final Streams streams;
    private final Path flink;
    private final int rows;
    private boolean complete = true;

    private Speed(String[] arguments) {
        this.streams = new Streams(arguments);
        this.flink = Path.of(arguments[5]);
        this.rows = Integer.getInteger("bench.rows", 8_000_000);
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length < 7) {
            System.err.println("usage: bench/run sql (it calls this)");
            System.exit(2);
        }
        Speed speed = new Speed(arguments);
        List<String> parts = List.of(arguments).subList(6, arguments.length);
        parts.stream()
                .filter(part -> !PARTS.contains(part))
                .forEach(part -> {
                    System.err.println("no part is called " + part + "; there are " + PARTS);
                    System.exit(2);
                });
        try (Pod pod = new Pod(speed.streams.bootstrapServers())) {
            if (parts.contains("latency")) {
                speed.latency(pod);
            }
            if (parts.contains("throughput")) {
                speed.throughput(pod);
            }
        }
        if (parts.contains("flink")) {
            speed.besideFlink();
        }
        speed.streams.close();
        if (!speed.complete) {
            System.exit(1);
        }
    }

    // --- latency, and what nothing costs

    private void latency(Pod pod) throws Exception {
        streams.create("latency-in", 1);
        String rowsTopic = streams.create("latency-out", 1);
        String windowsTopic = streams.create("latency-windows", 1);
        try (Application application =
                        pod.start(
                                "latency",
                                """
                                INSERT INTO rows SELECT id FROM latency;
                                INSERT INTO windows SELECT window_start, count(*) AS n FROM
                                  TABLE(TUMBLE(TABLE(latency), DESCRIPTOR(at), INTERVAL '1' SECOND)) GROUP BY 1;
                                """,
                                """
                                {"name": "latency", "stream": "latency-in", "rowtime": {"column": "at"}, "columns": [
                                  {"name": "id", "type": "bigint"}, {"name": "at", "type": "timestamp(3)"}]}
                                """,
                                """
                                {"name": "rows", "stream": "latency-out"}, {"name": "windows", "stream": "latency-windows"}
                                """);
                KafkaConsumer<byte[], byte[]> consumer = streams.consumer("latency")) {
            consumer.subscribe(List.of(rowsTopic, windowsTopic));
            measureLatency(consumer, windowsTopic);
            idle(application);
        }
    }

    private void measureLatency(KafkaConsumer<byte[], byte[]> consumer, String windowsTopic) {
        long[] rowNanos = new long[ROUNDS];
        long[] windowNanos = new long[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            long start = System.nanoTime();
            streams.put(
                    "latency-in", "{\"id\":%d,\"at\":%d}".formatted(round, BEGIN + round * 1_000L));
            long row = 0;
            long window = round == -WARM_UP ? 1 : 0; // Nothing ends with the first row.
            while (row == 0 || window == 0) {
                if (System.nanoTime() - start > ROUND_MAX.toNanos()) {
                    throw new IllegalStateException(
                            "No result of row %d within %s".formatted(round, ROUND_MAX));
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.topic().equals(windowsTopic)) {
                        window = System.nanoTime() - start;
                    } else {
                        row = System.nanoTime() - start;
                    }
                }
            }
            if (round >= 0) {
                rowNanos[round] = row;
                windowNanos[round] = window;
            }
        }
        print("a row by itself, from before its put until a consumer has it", rowNanos);
        print("a window, from before the put of the row that ends it", windowNanos);
    }

    private static void print(String what, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf(
                "%-64s p50 %4d ms, p99 %4d ms, longest %4d ms%n",
                what,
                nanos[nanos.length / 2] / 1_000_000,
                nanos[nanos.length * 99 / 100] / 1_000_000,
                nanos[nanos.length - 1] / 1_000_000);
    }

    private static void idle(Application application) throws InterruptedException {
        Thread.sleep(Duration.ofSeconds(10));
        double before = application.cpuSeconds();
        double runnerBefore = application.runnerCpuSeconds();
        Thread.sleep(IDLE);
        double runner = application.runnerCpuSeconds() - runnerBefore;
        double all = application.cpuSeconds() - before;
        System.out.printf(
                "an idle application costs %.2f %% of a core: the runner %.2f, Trino %.2f%n",
                100 * all / IDLE.toSeconds(),
                100 * runner / IDLE.toSeconds(),
                100 * (all - runner) / IDLE.toSeconds());
    }

    // --- throughput

    private void throughput(Pod pod) throws Exception {
        for (int shards : new int[] {1, 4}) {
            String name = "speed-" + shards;
            fill(streams.create(name, shards), shards);
            String out = streams.create(name + "-out", 1);
            try (Application application =
                    pod.start(
                            name,
                            "INSERT INTO out SELECT window_start, region, count(*) AS n, sum(price) AS p, max(id) AS m,"
                                    + " max(length(note)) AS l FROM TABLE(TUMBLE(TABLE(speed), DESCRIPTOR(at), INTERVAL '10'"
                                    + " SECOND)) GROUP BY window_start, region",
                            SPEED_TABLE.formatted(name),
                            "{\"name\": \"out\", \"stream\": \"" + name + "-out\"}")) {
                measure("an application, " + shards + " shards", out, application::cpuSeconds);
            }
            adHoc(pod, shards + " shards");
        }
        // The same rows again with less to run on.
        pod.pinTo("0");
        adHoc(pod, "4 shards, Trino on one core");
        pod.pinTo("0-" + (Runtime.getRuntime().availableProcessors() - 1));
    }

    /** Rows of 200 bytes, a millisecond apart, and one at the end that ends their windows. */
    private void fill(String topic, int shards) {
        try (KafkaProducer<byte[], byte[]> producer = streams.producer()) {
            for (int i = 0; i < rows; i++) {
                send(producer, topic, i % shards, row(BEGIN + i, i));
            }
            for (int shard = 0; shard < shards; shard++) {
                send(producer, topic, shard, row(BEGIN + rows + 100_000L, 0));
            }
        }
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer, String topic, int partition, byte[] row) {
        var _ = producer.send(new ProducerRecord<>(topic, partition, null, row));
    }

    private static byte[] row(long at, int id) {
        StringBuilder row =
                new StringBuilder(ROW_BYTES)
                        .append("{\"at\":")
                        .append(at)
                        .append(",\"id\":")
                        .append(id)
                        .append(",\"region\":\"r")
                        .append(id % REGIONS)
                        .append("\",\"price\":")
                        .append(id % 1_000)
                        .append(".5,\"note\":\"");
        while (row.length() < ROW_BYTES - 2) {
            row.append('x');
        }
        return row.append("\"}").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Follows an output until all rows are in it. Rows and CPU are counted from when a quarter of
     * them was, so that the start is left out, and what a virtual machine compiles then: of both
     * alike.
     */
    private void measure(String what, String topic, DoubleSupplier cpuSeconds) throws IOException {
        long counted = 0;
        long first = 0;
        long firstNanos = 0;
        double firstCpu = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = streams.consumer(topic)) {
            consumer.subscribe(List.of(topic));
            long giveUp = System.nanoTime() + Duration.ofMinutes(3).toNanos();
            while (counted < rows && System.nanoTime() < giveUp) {
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    JsonNode result = JSON.readTree(record.value());
                    counted += result.path("n").asLong();
                }
                if (firstNanos == 0 && counted >= rows / 4) {
                    first = counted;
                    firstNanos = System.nanoTime();
                    firstCpu = cpuSeconds.getAsDouble();
                }
            }
        }
        complete &= counted == rows;
        if (counted == first) {
            System.out.printf(
                    "%-52s %s%n", what, "NOT MEASURED, its results in one poll: " + counted);
            return;
        }
        double seconds = (System.nanoTime() - firstNanos) / 1e9;
        double cpu = cpuSeconds.getAsDouble() - firstCpu;
        System.out.printf(
                "%-52s %,12.0f rows/s %,12.0f per CPU second  %s%n",
                what,
                (counted - first) / seconds,
                (counted - first) / cpu,
                counted == rows ? "all rows counted once" : "NOT ALL: " + counted);
    }

    private void adHoc(Pod pod, String what) throws SQLException {
        List<Double> seconds = new ArrayList<>();
        double cpu = CpuTime.seconds(pod.trino().pid());
        for (int round = 0; round < 4; round++) {
            long start = System.nanoTime();
            pod.trino()
                    .query(
                            "SELECT tumble_start(at, INTERVAL '10' SECOND), region, count(*), sum(price), max(id),"
                                    + " max(length(note)) FROM speed GROUP BY 1, 2");
            seconds.add((System.nanoTime() - start) / 1e9);
        }
        cpu = CpuTime.seconds(pod.trino().pid()) - cpu;
        System.out.printf(
                "%-52s %,12.0f rows/s %,12.0f per CPU second%n",
                "the same by one query, " + what + ", best of 4",
                rows / seconds.stream().min(Double::compare).orElseThrow(),
                4.0 * rows / cpu);
    }

    private void besideFlink() throws Exception {
        String in = streams.create("flink-in", 4);
        fill(in, 4);
        String out = streams.create("flink-out", 1);
        File log = File.createTempFile("flink", ".log");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx1g",
                                "-XX:+UseSerialGC",
                                "--add-opens=java.base/java.util=ALL-UNNAMED",
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "-cp",
                                flink + "/bench-flink.jar" + File.pathSeparator + flink + "/lib/*",
                                "dev.millrace.flink.Tumbling",
                                streams.bootstrapServers(),
                                in,
                                out)
                        .redirectErrorStream(true)
                        .redirectOutput(log)
                        .start();
        try {
            measure(
                    "Flink SQL, 4 shards",
                    out,
                    () -> {
                        if (!process.isAlive()) {
                            throw new IllegalStateException("Flink ended, see " + log);
                        }
                        return CpuTime.seconds(process.pid());
                    });
        } finally {
            process.destroyForcibly();
        }
    }
}
