/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.processing.Processor;
import dev.millrace.delivery.processing.Processors;
import dev.millrace.delivery.processing.RecordProcessor;
import dev.millrace.delivery.processing.SourceRecord;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Worker;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.ShardId;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private record Measured(Duration wall, Duration cpu) {
        String of(String what) {
            return "%-42s %,9.0f records per CPU second, %,9.0f per second"
                    .formatted(what, RECORDS * 1e9 / cpu.toNanos(), RECORDS * 1e9 / wall.toNanos());
        }
    }

    @Test
    void measure(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("fast"));
        pool.createStream("fast", 2);
        Random random = new Random(1);
        for (int i = 0; i < RECORDS; i += 5_000) {
            List<String> some = new ArrayList<>();
            for (int j = i; j < i + 5_000; j++) {
                some.add(record(j, random));
            }
            pool.put("fast", some);
        }
        List<String> lines = new ArrayList<>();
        lines.add(handTuned(pool, s3).of("hand-tuned consumer, gzip"));
        lines.add(worker(pool, s3, "gzip", PLAIN, "").of("worker, gzip"));
        lines.add(worker(pool, s3, "parquet", PARQUET, "").of("worker, Parquet (Snappy)"));
        lines.add(
                worker(
                                pool,
                                s3,
                                "keys",
                                keyed("keys"),
                                KEYS.formatted("{tier: .customer.tier, d: .day}"))
                        .of("worker, gzip, two plain partition keys"));
        lines.add(
                worker(
                                pool,
                                s3,
                                "jq",
                                keyed("jq"),
                                KEYS.formatted(
                                        "{tier: (.customer.tier), d: (.time | strftime(\\\"%d\\\"))}"))
                        .of("worker, gzip, two partition keys by jq"));
        lines.forEach(System.out::println);
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
                            record(i, random).getBytes(StandardCharsets.UTF_8)));
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
                            InstantSource.system());
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

    private static String record(int i, Random random) {
        byte[] noise = new byte[600];
        random.nextBytes(noise);
        return "{\"id\":%d,\"customer\":{\"id\":\"c%d\",\"tier\":\"t%d\"},\"day\":\"%d\",\"time\":%d,\"amount\":%.2f,\"text\":\"%s\"}"
                .formatted(
                        i,
                        i % 1_000,
                        i % 4,
                        i % 7,
                        1_700_000_000 + i,
                        i / 100.0,
                        java.util.Base64.getEncoder().encodeToString(noise));
    }

    private static String keyed(String name) {
        return "\"compression\": \"GZIP\", \"errorOutputPrefix\": \"errors/!{firehose:error-output-type}/\", \"prefix\": \""
                + name
                + "/!{partitionKeyFromQuery:tier}/!{partitionKeyFromQuery:d}/\"";
    }

    private Measured worker(Pool pool, S3Server s3, String name, String s3More, String processor)
            throws Exception {
        String prefix = s3More.contains("prefix") ? "" : "\"prefix\": \"" + name + "/\",";
        String config =
                """
                {"name": "fast", "uid": "%1$s", "createdAt": "2026-01-01T00:00:00Z", "sourceStream": "fast",
                 "spec": {"source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
                  "destination": {"s3": {"endpoint": "%2$s", "bucket": "fast", %3$s %4$s,
                   "credentialsSecretRef": {"name": "s3"},
                   "buffering": {"sizeMiB": 64, "intervalSeconds": 2}}},
                  "processing": {"processors": [%5$s {"type": "AppendDelimiterToRecord"}]}}}
                """
                        .formatted(name, s3.endpoint(), prefix, s3More, processor);
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
        Matcher port = Pattern.compile("status on port (\\d+)").matcher(worker.log());
        if (!port.find()) {
            return 0;
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            JsonNode status =
                    new ObjectMapper()
                            .readTree(
                                    client.send(
                                                    HttpRequest.newBuilder(
                                                                    URI.create(
                                                                            "http://127.0.0.1:"
                                                                                    + port.group(1)
                                                                                    + "/status"))
                                                            .build(),
                                                    HttpResponse.BodyHandlers.ofString())
                                            .body());
            return status.path("delivery").path("deliveredRecords").asLong();
        }
    }
}
