/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import dev.millrace.delivery.processing.ProcessingListener;
import dev.millrace.delivery.processing.Processor;
import dev.millrace.delivery.processing.Processors;
import dev.millrace.delivery.processing.RecordProcessor;
import dev.millrace.delivery.processing.SourceRecord;
import dev.millrace.delivery.testing.Measured;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.SampleRecords;
import dev.millrace.delivery.testing.Worker;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.ShardId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * How much a worker delivers in a second of CPU time, beside a consumer that only batches,
 * compresses and uploads. Runs by its name alone: {@code -Dit.test=DeliveryThroughput}.
 */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class})
class DeliveryThroughput {

    private static final int RECORDS = Integer.getInteger("delivery.records", 200_000);
    private static final int IDLE_RECORDS = 50_000;
    private static final String PLAIN = "\"compression\": \"GZIP\"";
    private static final String PARQUET =
            """
            "errorOutputPrefix": "errors/", "dataFormatConversion": {"format": "Parquet", "columns": [
             {"name": "id", "type": "bigint"}, {"name": "customer", "type": "struct<id:string,tier:string>"},
             {"name": "time", "type": "timestamp"}, {"name": "amount", "type": "double"},
             {"name": "text", "type": "string"}]}
            """;
    private static final String KEYS =
            """
            {"type": "MetadataExtraction", "query": "%s"},
            """;

    @TempDir private Path directory;

    @Test
    void measure(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("fast"));
        pool.createStream("fast", 2);
        SampleRecords.fill(pool, "fast", RECORDS);
        List<String> lines = new ArrayList<>();
        lines.add(handTuned(pool, s3).of("hand-tuned consumer, gzip", RECORDS));
        lines.add(worker(pool, s3, "gzip", PLAIN, "").of("worker, gzip", RECORDS));
        lines.add(worker(pool, s3, "parquet", PARQUET, "").of("worker, Parquet (Snappy)", RECORDS));
        lines.add(
                worker(
                                pool,
                                s3,
                                "keys",
                                keyed("keys"),
                                KEYS.formatted("{tier: .customer.tier, d: .day}"))
                        .of("worker, gzip, two plain partition keys", RECORDS));
        lines.add(
                worker(
                                pool,
                                s3,
                                "jq",
                                keyed("jq"),
                                KEYS.formatted(
                                        "{tier: (.customer.tier), d: (.time | strftime(\\\"%d\\\"))}"))
                        .of("worker, gzip, two partition keys by jq", RECORDS));
        lines.forEach(System.out::println);
    }

    /** How long from the put of a record to its object, when nothing is buffered. */
    @Test
    void measureFreshness(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("fresh"));
        pool.createStream("fresh", 1);
        String config =
                config("fresh", s3, "\"prefix\": \"fresh/\",", "", "")
                        .replace("\"intervalSeconds\": 2", "\"intervalSeconds\": 0");
        try (Worker worker = Worker.startAsInPod(directory, pool, config)) {
            List<Long> millis = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                pool.put("fresh", List.of("{\"n\":%d}".formatted(i)));
                long put = System.nanoTime();
                int expected = i + 1;
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> delivered(worker) >= expected);
                millis.add((System.nanoTime() - put) / 1_000_000);
            }
            // The first come while the worker starts and warms up.
            List<Long> warm = millis.subList(20, millis.size()).stream().sorted().toList();
            System.out.printf(
                    "from the put to the object, interval 0: median %d ms, longest of 40 %d ms%n",
                    warm.get(warm.size() / 2), warm.getLast());
        }
    }

    /** What a worker holds that has delivered something, and has nothing to do any more. */
    @Test
    void measureIdleMemory(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("idle"));
        pool.createStream("idle", 1);
        try (Worker worker =
                Worker.startAsInPod(
                        directory, pool, config("idle", s3, "\"prefix\": \"idle/\",", PLAIN, ""))) {
            // As much as keeps it busy for some seconds, and then longer than until it cleans up.
            SampleRecords.fill(pool, "idle", IDLE_RECORDS);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .until(() -> delivered(worker) >= IDLE_RECORDS);
            Thread.sleep(60_000);
            System.out.printf("an idle worker has %,d MiB%n", worker.residentBytes() / (1 << 20));
        }
    }

    /** One worker, and two, on eight shards that are full. */
    @Test
    void measureScaling(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("wide"));
        pool.createStream("wide", 8);
        SampleRecords.fill(pool, "wide", RECORDS);
        for (int count = 1; count <= 2; count++) {
            String config =
                    config("wide", s3, "\"prefix\": \"wide-%d/\",".formatted(count), PLAIN, "")
                            .replace("\"uid\": \"wide\"", "\"uid\": \"wide-%d\"".formatted(count));
            List<Worker> workers = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    workers.add(Worker.startFast(directory, pool, config));
                }
                long began = 0;
                Duration cpu = Duration.ZERO;
                while (sum(workers) < RECORDS) {
                    if (began == 0 && sum(workers) > 0) {
                        // All have joined; what they have delivered so far is not much.
                        began = System.nanoTime();
                    }
                    Thread.sleep(20);
                }
                for (Worker worker : workers) {
                    cpu = cpu.plus(worker.cpu());
                }
                System.out.println(
                        new Measured(Duration.ofNanos(System.nanoTime() - began), cpu)
                                .of(count + " worker(s), gzip, 8 shards", RECORDS));
            } finally {
                for (Worker worker : workers) {
                    worker.close();
                }
            }
        }
    }

    private static long sum(List<Worker> workers) throws Exception {
        long sum = 0;
        for (Worker worker : workers) {
            sum += delivered(worker);
        }
        return sum;
    }

    /** Of one thread, by processing alone. */
    @Test
    void measurePartitionKeys() {
        List<SourceRecord> records = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 5_000; i++) {
            records.add(
                    new SourceRecord(
                            new SequenceNumber(new ShardId(0), i),
                            Instant.EPOCH,
                            "k",
                            SampleRecords.record(i, random).getBytes(StandardCharsets.UTF_8)));
        }
        for (String query :
                List.of(
                        "{tier: .customer.tier, d: .day}",
                        "{tier: (.customer.tier), d: (.day)}",
                        "{tier: (.customer.tier), d: (.time | strftime(\"%d\"))}")) {
            RecordProcessor processor =
                    Processors.of(
                            List.of(new Processor.MetadataExtraction(query)),
                            false,
                            InstantSource.system(),
                            ProcessingListener.NONE);
            long best = Long.MAX_VALUE;
            for (int round = 0; round < 60; round++) {
                long began = System.nanoTime();
                if (processor.process(records).size() != records.size()) {
                    throw new AssertionError();
                }
                best = Math.min(best, System.nanoTime() - began);
            }
            System.out.printf(
                    "%-60s %,9.0f records per second%n", query, records.size() * 1e9 / best);
        }
    }

    private static String keyed(String name) {
        return "\"compression\": \"GZIP\", \"errorOutputPrefix\": \"errors/!{firehose:error-output-type}/\", \"prefix\": \""
                + name
                + "/!{partitionKeyFromQuery:tier}/!{partitionKeyFromQuery:d}/\"";
    }

    private static String config(
            String stream, S3Server s3, String prefix, String s3More, String processor) {
        return """
        {"name": "%1$s", "uid": "%1$s", "createdAt": "2026-01-01T00:00:00Z", "sourceStream": "%1$s",
         "spec": {"source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "destination": {"s3": {"endpoint": "%2$s", "bucket": "%1$s", %3$s %4$s
           "credentialsSecretRef": {"name": "s3"},
           "buffering": {"sizeMiB": 64, "intervalSeconds": 2}}},
          "processing": {"processors": [%5$s {"type": "AppendDelimiterToRecord"}]}}}
        """
                .formatted(
                        stream,
                        s3.endpoint(),
                        prefix,
                        s3More.isEmpty() ? "" : s3More + ",",
                        processor);
    }

    private Measured worker(Pool pool, S3Server s3, String name, String s3More, String processor)
            throws Exception {
        String prefix = s3More.contains("prefix") ? "" : "\"prefix\": \"" + name + "/\",";
        String config =
                config("fast", s3, prefix, s3More, processor)
                        .replace("\"uid\": \"fast\"", "\"uid\": \"%s\"".formatted(name));
        long began = System.nanoTime();
        try (Worker worker = Worker.startFast(directory, pool, config)) {
            return awaited(worker, began);
        }
    }

    private Measured handTuned(Pool pool, S3Server s3) throws Exception {
        long began = System.nanoTime();
        try (Worker consumer =
                Worker.startFast(
                        directory,
                        pool,
                        "{}",
                        "dev.millrace.delivery.HandTunedConsumer",
                        pool.topic("fast"),
                        s3.endpoint().toString(),
                        "fast",
                        String.valueOf(RECORDS))) {
            return awaited(consumer, began);
        }
    }

    private static Measured awaited(Worker worker, long began) throws Exception {
        Awaitility.await()
                .atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(50))
                .failFast(worker.log(), () -> !worker.isAlive())
                .until(() -> delivered(worker) >= RECORDS);
        return new Measured(Duration.ofNanos(System.nanoTime() - began), worker.cpu());
    }

    private static long delivered(Worker worker) throws Exception {
        return worker.status()
                .map(status -> status.path("delivery").path("deliveredRecords").asLong())
                .orElse(0L);
    }
}
