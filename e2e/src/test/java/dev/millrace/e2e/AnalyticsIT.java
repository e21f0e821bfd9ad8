/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Standard SQL over a stream, and its results on into S3: each window exactly once, though runner
 * and Trino are killed.
 */
@Timeout(900)
class AnalyticsIT {

    private static final Path DELIVERY_SAMPLES = Path.of("..", "samples", "delivery");
    private static final int SECONDS = 30;
    private static final int ROWS_A_SECOND = 20;
    private static final Instant BEGIN = Instant.parse("2026-11-23T10:00:00Z");

    @Test
    void eachWindowComesOnceThoughThePodIsKilled() throws Exception {
        try (Cluster cluster = new Cluster("analytics")) {
            cluster.pool("default", 1);
            cluster.stream("orders", "default", 2);
            cluster.stream("revenue", "default", 2);
            cluster.apply(Files.readString(DELIVERY_SAMPLES.resolve("s3-server.yaml")));
            cluster.apply(Files.readString(DELIVERY_SAMPLES.resolve("revenue-to-s3.yaml")));
            cluster.apply(
                    application(
                            "SELECT window_start, region, sum(price) AS revenue FROM TABLE(TUMBLE(TABLE(orders), DESCRIPTOR(at), INTERVAL '1' SECOND)) GROUP BY window_start, region"));
            awaitReady(cluster);
            try (KinesisClient kinesis = cluster.kinesis("default")) {
                for (int second = 0; second < SECONDS; second++) {
                    put(kinesis, second);
                    if (second == SECONDS / 3) {
                        cluster.killApplication("revenue", "runner");
                    }
                    if (second == 2 * SECONDS / 3) {
                        cluster.killApplication("revenue", "trino");
                        cluster.scale("revenue", 3);
                    }
                    Thread.sleep(300);
                }
                // What ends the last window.
                put(kinesis, SECONDS + 100);
                Cluster.until(
                        "all windows are there",
                        Duration.ofMinutes(3),
                        () -> results(kinesis).size() >= 2 * SECONDS);

                assertThat(windows(kinesis)).isEqualTo(expected());
                delivered(cluster, results(kinesis));
                badSqlChangesNothing(cluster, kinesis);
            }
        }
    }

    /** The whole way: Stream, AnalyticsApplication, Stream, DeliveryStream, bucket. */
    private static void delivered(Cluster cluster, List<String> results) {
        Cluster.until(
                "the S3 server and the delivery stream are ready",
                Duration.ofMinutes(2),
                () ->
                        cluster.isAvailable("sample-s3")
                                && cluster.notReady("revenue-to-lake").isEmpty());
        try (S3Client s3 = cluster.sampleS3()) {
            Cluster.until(
                    "all results are in the bucket",
                    Duration.ofMinutes(3),
                    () -> lines(s3).size() >= results.size());
            assertThat(lines(s3)).containsExactlyInAnyOrderElementsOf(results);
        }
    }

    private static List<String> lines(S3Client s3) {
        return s3
                .listObjectsV2Paginator(r -> r.bucket("lake").prefix("revenue/"))
                .contents()
                .stream()
                .flatMap(object ->
                        s3.getObjectAsBytes(r -> r.bucket("lake").key(object.key()))
                                .asUtf8String()
                                .lines())
                .toList();
    }

    private static void badSqlChangesNothing(Cluster cluster, KinesisClient kinesis)
            throws Exception {
        cluster.apply(application("SELECT nonsense FROM orders"));
        Cluster.until(
                "the SQL is refused with its place",
                Duration.ofMinutes(2),
                () ->
                        cluster.applicationCondition("revenue", "CodeValid")
                                .equals("False: line 1:28: Column 'nonsense' cannot be resolved"));
        int before = results(kinesis).size();
        put(kinesis, SECONDS + 300);
        Cluster.until(
                "the SQL before it goes on",
                Duration.ofMinutes(2),
                () -> results(kinesis).size() >= before + 2);
    }

    private static void awaitReady(Cluster cluster) {
        Cluster.until(
                "the application is Ready",
                Duration.ofMinutes(4),
                () -> cluster.applicationCondition("revenue", "Ready").startsWith("True"));
    }

    private static String application(String select) {
        return """
        apiVersion: millrace.dev/v1beta1
        kind: AnalyticsApplication
        metadata: {name: revenue}
        spec:
          startingPosition: TRIM_HORIZON
          inputs:
            - name: orders
              streamRef: {name: orders}
              columns: [{name: at, type: timestamp(3)}, {name: region, type: varchar}, {name: price, type: bigint}]
              rowtime: {column: at}
              idleTimeoutSeconds: 60
          outputs: [{name: revenue, streamRef: {name: revenue}, partitionKeyColumn: region}]
          sql: INSERT INTO revenue %s
        """
                .formatted(select)
                .replace("sql: INSERT", "sql: \"INSERT")
                .stripTrailing()
                .concat("\"\n");
    }

    /** Both shards get rows of each second. */
    private static void put(KinesisClient kinesis, int second) {
        List<PutRecordsRequestEntry> entries = new ArrayList<>();
        for (int i = 0; i < ROWS_A_SECOND; i++) {
            String row =
                    "{\"at\":\"%s\",\"region\":\"%s\",\"price\":%d}"
                            .formatted(
                                    BEGIN.plusMillis(second * 1_000L + i * 50),
                                    i % 2 == 0 ? "eu" : "us",
                                    second + i);
            entries.add(
                    PutRecordsRequestEntry.builder()
                            .partitionKey("key-" + i)
                            .data(SdkBytes.fromUtf8String(row))
                            .build());
        }
        assertThat(
                        kinesis.putRecords(r -> r.streamName("orders").records(entries))
                                .failedRecordCount())
                .isZero();
    }

    private static List<String> results(KinesisClient kinesis) {
        List<String> results = new ArrayList<>();
        for (Shard shard : kinesis.listShards(r -> r.streamName("revenue")).shards()) {
            String iterator =
                    kinesis.getShardIterator(r ->
                                    r.streamName("revenue")
                                            .shardId(shard.shardId())
                                            .shardIteratorType("TRIM_HORIZON"))
                            .shardIterator();
            while (iterator != null) {
                String at = iterator;
                var read = kinesis.getRecords(r -> r.shardIterator(at));
                for (Record record : read.records()) {
                    results.add(record.data().asUtf8String());
                }
                iterator =
                        read.records().isEmpty() && read.millisBehindLatest() == 0
                                ? null
                                : read.nextShardIterator();
            }
        }
        return results;
    }

    private static Map<String, String> windows(KinesisClient kinesis) {
        Map<String, String> windows = new TreeMap<>();
        for (String result : results(kinesis)) {
            String[] parts = result.split(",\"revenue\":", 2);
            windows.merge(parts[0], parts[1], (a, b) -> a + " and again " + b);
        }
        return windows;
    }

    private static Map<String, String> expected() {
        Map<String, String> windows = new TreeMap<>();
        for (int second = 0; second < SECONDS; second++) {
            for (int region = 0; region < 2; region++) {
                int sum = 0;
                for (int i = region; i < ROWS_A_SECOND; i += 2) {
                    sum += second + i;
                }
                windows.put(
                        "{\"window_start\":\"%s\",\"region\":\"%s\""
                                .formatted(
                                        BEGIN.plusSeconds(second).toString().replace("Z", ".000Z"),
                                        region == 0 ? "eu" : "us"),
                        sum + "}");
            }
        }
        return windows;
    }
}
