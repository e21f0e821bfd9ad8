/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.firehose.model.DeliveryStreamDescription;
import software.amazon.awssdk.services.firehose.model.PutRecordBatchResponse;
import software.amazon.awssdk.services.firehose.model.Record;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The sample as written: what is put by an SDK lies in the bucket, each record exactly once. */
@Timeout(600)
class DeliveryStreamIT {

    private static final Path SAMPLES = Path.of("..", "samples", "delivery");
    private static final int BATCHES = 30;
    private static final int BATCH = 100;

    @Test
    void whatIsPutLiesInTheBucketExactlyOnceThoughTheWorkerIsKilled() throws Exception {
        try (Cluster cluster = new Cluster("delivery")) {
            cluster.pool("default", 1);
            cluster.apply(Files.readString(SAMPLES.resolve("s3-server.yaml")));
            cluster.apply(Files.readString(SAMPLES.resolve("clicks-to-s3.yaml")));
            awaitReady(cluster);
            Cluster.until(
                    "the S3 server runs",
                    Duration.ofMinutes(2),
                    () -> cluster.isAvailable("sample-s3"));
            try (FirehoseClient firehose = cluster.firehose("default");
                    S3Client s3 = s3(cluster)) {
                Set<String> put = putWhileTheWorkerIsKilled(cluster, firehose);
                Cluster.until(
                        "all records are in the bucket",
                        Duration.ofMinutes(3),
                        () -> new HashSet<>(lines(s3)).containsAll(put));

                assertThat(lines(s3)).containsExactlyInAnyOrderElementsOf(put);
                awaitReady(cluster);
                changeThroughTheApi(cluster, firehose);
                removed(cluster);
            }
        }
    }

    private static void awaitReady(Cluster cluster) {
        Cluster.until(
                "the delivery stream is Ready",
                Duration.ofMinutes(4),
                () -> cluster.notReady("clicks").isEmpty());
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

    private static void removed(Cluster cluster) {
        cluster.deliveryStream("clicks").delete();
        Cluster.until(
                "the delivery stream is gone",
                Duration.ofMinutes(2),
                () -> cluster.deliveryStream("clicks").get() == null);
    }

    private static S3Client s3(Cluster cluster) {
        return S3Client.builder()
                .endpointOverride(cluster.serviceOnThisMachine("sample-s3"))
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create("sample", "sample-secret")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private static List<String> lines(S3Client s3) {
        List<String> lines = new ArrayList<>();
        for (S3Object object :
                s3.listObjectsV2Paginator(r -> r.bucket("lake").prefix("clicks/")).contents()) {
            byte[] bytes =
                    s3.getObjectAsBytes(r -> r.bucket("lake").key(object.key())).asByteArray();
            lines.addAll(gunzip(bytes).lines().toList());
        }
        return lines;
    }

    private static String gunzip(byte[] bytes) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
