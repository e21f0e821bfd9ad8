/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.firehose.model.DeliveryStreamDescription;
import software.amazon.awssdk.services.firehose.model.PutRecordBatchResponse;
import software.amazon.awssdk.services.firehose.model.Record;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The samples as written: what is put by an SDK lies in the bucket, is a row, or is a document,
 * exactly once.
 */
@Timeout(900)
class DeliveryStreamIT {

    private static final Path SAMPLES = Path.of("..", "samples", "delivery");
    private static final int BATCHES = 30;
    private static final int BATCH = 100;

    @Test
    void whatIsPutLiesInTheBucketExactlyOnceThoughTheWorkerIsKilled() throws Exception {
        try (Cluster cluster = new Cluster("delivery")) {
            cluster.pool("default", 1);
            for (String sample :
                    List.of(
                            "s3-server.yaml",
                            "postgres-server.yaml",
                            "search-server.yaml",
                            "clicks-to-s3.yaml",
                            "clicks-to-postgres.yaml",
                            "logs-to-opensearch.yaml")) {
                cluster.apply(Files.readString(SAMPLES.resolve(sample)));
            }
            awaitReady(cluster, "clicks");
            Cluster.until(
                    "the S3 server runs",
                    Duration.ofMinutes(2),
                    () -> cluster.isAvailable("sample-s3"));
            try (FirehoseClient firehose = cluster.firehose("default");
                    S3Client s3 = cluster.sampleS3()) {
                List<String> logs = putLogs(cluster, firehose);
                Set<String> put = putWhileTheWorkerIsKilled(cluster, firehose);
                Cluster.until(
                        "all records are in the bucket",
                        Duration.ofMinutes(3),
                        () -> new HashSet<>(lines(s3)).containsAll(put));

                assertThat(lines(s3)).containsExactlyInAnyOrderElementsOf(put);
                awaitReady(cluster, "clicks");
                changeThroughTheApi(cluster, firehose);
                clicksAreRows(cluster, firehose, s3);
                logsAreDocuments(cluster, s3, logs);
                removed(cluster, "clicks");
                removed(cluster, "clicks-to-postgres");
                removed(cluster, "logs-to-opensearch");
            }
        }
    }

    private static void awaitReady(Cluster cluster, String deliveryStream) {
        Cluster.until(
                deliveryStream + " is Ready",
                Duration.ofMinutes(4),
                () -> cluster.notReady(deliveryStream).isEmpty());
    }

    private static Set<String> putWhileTheWorkerIsKilled(Cluster cluster, FirehoseClient firehose)
            throws Exception {
        Set<String> put = new HashSet<>();
        for (int batch = 0; batch < BATCHES; batch++) {
            List<Record> records = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                String click = "{\"click\":%d}".formatted(batch * BATCH + i);
                put.add(click);
                records.add(Record.builder().data(SdkBytes.fromUtf8String(click)).build());
            }
            PutRecordBatchResponse answer =
                    firehose.putRecordBatch(r -> r.deliveryStreamName("clicks").records(records));
            assertThat(answer.failedPutCount()).isZero();
            if (batch == BATCHES / 3 || batch == 2 * BATCHES / 3) {
                cluster.killWorkers("clicks");
            }
            // Long enough for buffers to go out in between.
            Thread.sleep(400);
        }
        return put;
    }

    /** And the resource follows. */
    private static void changeThroughTheApi(Cluster cluster, FirehoseClient firehose) {
        DeliveryStreamDescription description =
                firehose.describeDeliveryStream(r -> r.deliveryStreamName("clicks"))
                        .deliveryStreamDescription();
        assertThat(description.deliveryStreamStatusAsString()).isEqualTo("ACTIVE");
        firehose.updateDestination(r ->
                r.deliveryStreamName("clicks")
                        .currentDeliveryStreamVersionId(description.versionId())
                        .destinationId(description.destinations().getFirst().destinationId())
                        .extendedS3DestinationUpdate(s3 -> s3.prefix("later/")));
        Cluster.until(
                "spec says what the API has set",
                Duration.ofMinutes(1),
                () ->
                        String.valueOf(cluster.deliveryStream("clicks").require().getSpec())
                                .contains("later/"));
    }

    private static void removed(Cluster cluster, String deliveryStream) {
        cluster.deliveryStream(deliveryStream).delete();
        Cluster.until(
                deliveryStream + " is gone",
                Duration.ofMinutes(2),
                () -> cluster.deliveryStream(deliveryStream).get() == null);
    }

    /** Each once, though the worker is killed; and what is no row is in the bucket raw. */
    private static void clicksAreRows(Cluster cluster, FirehoseClient firehose, S3Client s3)
            throws Exception {
        awaitReady(cluster, "clicks-to-postgres");
        List<Integer> customers = new ArrayList<>();
        for (int batch = 0; batch < 4; batch++) {
            List<Record> records = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                int customer = batch * BATCH + i;
                customers.add(customer);
                records.add(
                        record(
                                "{\"at\":\"2026-01-01T00:00:00Z\",\"page\":\"/p\",\"customer\":%d,\"more\":{\"a\":1}}"
                                        .formatted(customer)));
            }
            records.add(record("no row " + batch));
            assertThat(
                            firehose.putRecordBatch(r ->
                                            r.deliveryStreamName("clicks-to-postgres")
                                                    .records(records))
                                    .failedPutCount())
                    .isZero();
            if (batch == 1) {
                cluster.killWorkers("clicks-to-postgres");
            }
        }
        String url =
                "jdbc:postgresql://127.0.0.1:%d/postgres"
                        .formatted(cluster.serviceOnThisMachine("sample-postgres").getPort());
        Cluster.until("the database answers", Duration.ofMinutes(3), () -> answers(url));
        try (Connection connection = DriverManager.getConnection(url, "shop", "sample-secret")) {
            Cluster.until(
                    "all clicks are rows, and the others in the bucket raw",
                    Duration.ofMinutes(3),
                    () -> customers(connection).size() >= customers.size() && refused(s3) >= 4);
            assertThat(customers(connection)).containsExactlyInAnyOrderElementsOf(customers);
        }
        assertThat(refused(s3)).isEqualTo(4);
    }

    private static boolean answers(String url) {
        try (Connection connection = DriverManager.getConnection(url, "shop", "sample-secret")) {
            var _ = customers(connection);
            return true;
        } catch (SQLException _) {
            return false;
        }
    }

    private static List<String> putLogs(Cluster cluster, FirehoseClient firehose) {
        awaitReady(cluster, "logs-to-opensearch");
        List<String> logs = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            logs.add("level=warn code=500 message=slow-%d".formatted(i));
        }
        assertThat(
                        firehose.putRecordBatch(r ->
                                        r.deliveryStreamName("logs-to-opensearch")
                                                .records(
                                                        logs.stream()
                                                                .map(DeliveryStreamIT::record)
                                                                .toList()))
                                .failedPutCount())
                .isZero();
        return logs;
    }

    /** Each once, and all of them as they came in the bucket raw. */
    private static void logsAreDocuments(Cluster cluster, S3Client s3, List<String> logs)
            throws Exception {
        Cluster.until(
                "OpenSearch runs",
                Duration.ofMinutes(4),
                () -> cluster.isAvailable("sample-search"));
        URI search = cluster.serviceOnThisMachine("sample-search");
        URI query = search.resolve("/logs-*/_search?q=code:500&size=500");
        try (HttpClient http = HttpClient.newHttpClient()) {
            Cluster.until(
                    "all logs are documents",
                    Duration.ofMinutes(3),
                    () -> messages(http, query).size() >= logs.size());
            assertThat(messages(http, query))
                    .containsExactlyInAnyOrderElementsOf(
                            logs.stream()
                                    .map(line -> line.substring(line.lastIndexOf('=') + 1))
                                    .toList());
        }
        Cluster.until(
                "all logs are in the backup",
                Duration.ofMinutes(3),
                () -> text(s3, "raw", "logs/").length() >= String.join("", logs).length());
        assertThat(text(s3, "raw", "logs/")).isEqualTo(String.join("", logs));
    }

    private static List<String> messages(HttpClient http, URI query) throws Exception {
        String body =
                http.send(
                                HttpRequest.newBuilder(query)
                                        .timeout(Duration.ofSeconds(10))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        List<String> messages = new ArrayList<>();
        for (JsonNode hit : new ObjectMapper().readTree(body).path("hits").path("hits")) {
            messages.add(hit.path("_source").path("message").asText());
        }
        return messages;
    }

    private static Record record(String text) {
        return Record.builder().data(SdkBytes.fromUtf8String(text)).build();
    }

    private static List<Integer> customers(Connection connection) throws SQLException {
        List<Integer> customers = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT customer FROM shop.clicks")) {
            while (rows.next()) {
                customers.add(rows.getInt(1));
            }
        }
        return customers;
    }

    private static long refused(S3Client s3) {
        return s3
                .listObjectsV2Paginator(r -> r.bucket("raw").prefix("clicks/postgresql-failed/"))
                .contents()
                .stream()
                .mapToLong(object ->
                        s3.getObjectAsBytes(r -> r.bucket("raw").key(object.key()))
                                .asUtf8String()
                                .lines()
                                .count())
                .sum();
    }

    private static List<String> lines(S3Client s3) {
        return objects(s3, "lake", "clicks/").stream().flatMap(String::lines).toList();
    }

    private static String text(S3Client s3, String bucket, String prefix) {
        return String.join("", objects(s3, bucket, prefix));
    }

    private static List<String> objects(S3Client s3, String bucket, String prefix) {
        List<String> objects = new ArrayList<>();
        for (S3Object object :
                s3.listObjectsV2Paginator(r -> r.bucket(bucket).prefix(prefix)).contents()) {
            objects.add(
                    gunzip(
                            s3.getObjectAsBytes(r -> r.bucket(bucket).key(object.key()))
                                    .asByteArray()));
        }
        return objects;
    }

    private static String gunzip(byte[] bytes) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
