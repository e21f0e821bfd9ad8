/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.crds.stream.StreamSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/**
 * Kubernetes' own autoscaler and {@code samples/autoscaling/hpa.yaml}, with smaller numbers: it
 * reads the records per second that the gateway counts, and scales the Stream up and down. {@code
 * e2e/autoscaling} runs it.
 */
@Timeout(900)
@EnabledIfSystemProperty(named = "autoscaling", matches = "true")
class AutoscalingIT {

    private static final String POOL = "scaled";
    private static final String STREAM = "orders";

    @Test
    void aHorizontalPodAutoscalerFollowsTheRecordsPerSecond(@TempDir Path directory)
            throws Exception {
        try (Cluster cluster = new Cluster("autoscaling")) {
            cluster.pool(POOL, 1);
            cluster.stream(STREAM, POOL, 2);
            try (ExternalMetrics metrics =
                    ExternalMetrics.serve(
                            cluster.nodeAddress(),
                            directory,
                            "kinesis_incoming_records_per_second",
                            () ->
                                    cluster.counter(
                                            POOL,
                                            "kinesis_incoming_records_total",
                                            "stream_name=\"" + STREAM + "\""))) {
                cluster.serveExternalMetrics(metrics.port());
                cluster.apply(sample());
                followed(cluster);
            }
        }
    }

    private static void followed(Cluster cluster) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (KinesisClient client = cluster.kinesis(POOL)) {
            Thread load =
                    Thread.ofVirtual()
                            .start(() -> {
                                while (!stop.get()) {
                                    client.putRecords(p -> p.streamName(STREAM).records(batch()));
                                    pause();
                                }
                            });
            try {
                cluster.awaitShards(STREAM, 4, Duration.ofMinutes(4));
            } finally {
                stop.set(true);
                load.join();
            }
        }
        assertThat(cluster.eventMessages(STREAM))
                .as("who asked for it")
                .anyMatch(message -> message.startsWith("SuccessfulRescale: New size: 4"));
        // Nothing is put any more.
        cluster.awaitShards(STREAM, 2, Duration.ofMinutes(4));
        StreamSpec spec = cluster.spec(STREAM);
        assertThat(spec.shardCount()).isEqualTo(2);
    }

    /** A shard for each two records a second, at most four shards, and down without delay. */
    private static String sample() throws Exception {
        String sample = Files.readString(Path.of("../samples/autoscaling/hpa.yaml"));
        String small =
                sample.replace("averageValue: \"800\"", "averageValue: \"2\"")
                        .replace("maxReplicas: 32", "maxReplicas: 4")
                        .replace(
                                "stabilizationWindowSeconds: 600", "stabilizationWindowSeconds: 0");
        assertThat(small)
                .contains("averageValue: \"2\"", "maxReplicas: 4", "WindowSeconds: 0")
                .contains("name: " + STREAM);
        return small;
    }

    private static List<PutRecordsRequestEntry> batch() {
        return IntStream.range(0, 50)
                .mapToObj(i ->
                        PutRecordsRequestEntry.builder()
                                .partitionKey("key-" + i)
                                .data(SdkBytes.fromUtf8String("x"))
                                .build())
                .toList();
    }

    private static void pause() {
        try {
            Thread.sleep(300);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
