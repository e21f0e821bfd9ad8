/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Worker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import software.amazon.awssdk.services.s3.model.S3Object;

/** More partition keys, and more bytes, than a worker of 256 MiB has memory for. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(900)
class ManyKeysIT {

    /** The long form, {@code delivery-image/bin/matrix}, has 5,000. */
    private static final int KEYS = Integer.getInteger("delivery.keys", 1_000);

    private static final int RECORD_BYTES = 60_000;

    @TempDir private Path directory;

    @Test
    void deliversThemAllFromOneBudget(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("many"));
        pool.createStream("many", 1);
        // 2000 records are 120 MB, where the budget is 90 MB.
        int records = Math.max(KEYS, 2_000);
        String filling = "x".repeat(RECORD_BYTES);
        for (int from = 0; from < records; from += 50) {
            List<String> some = new ArrayList<>();
            for (int i = from; i < from + 50; i++) {
                some.add("{\"k\":%d,\"v\":\"%s\"}".formatted(i % KEYS, filling));
            }
            pool.put("many", some);
        }
        try (Worker worker = Worker.start(directory, pool, config(s3, "many", ""))) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(100 + KEYS / 20))
                    .pollInterval(Duration.ofMillis(500))
                    .failFast(worker.log(), () -> !worker.isAlive())
                    .until(() -> bytes(s3) >= (long) records * RECORD_BYTES);
            assertThat(worker.log()).doesNotContain("OutOfMemory");
        }
        assertThat(s3.objects("many", "k=7/").values())
                .allSatisfy(object ->
                        assertThat(new String(object, StandardCharsets.UTF_8))
                                .contains("\"k\":7,"));
        assertThat(bytes(s3)).isLessThan((long) records * (RECORD_BYTES + 50));
    }

    /** As Firehose has it: what lies over the limit goes to the error prefix. */
    @Test
    void recordsOfPartitionsBeyondTheLimitAreErrors(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("few"));
        pool.createStream("few", 1);
        List<String> records = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            records.add("{\"k\":%d}".formatted(i % 20));
        }
        pool.put("few", records);
        try (Worker worker =
                Worker.start(directory, pool, config(s3, "few", "\"activePartitionsMax\": 12,"))) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .pollInterval(Duration.ofMillis(500))
                    .failFast(worker.log(), () -> !worker.isAlive())
                    .until(() ->
                            s3.objects("few", "k=").size() >= 12
                                    && !s3.objects("few", "errors/").isEmpty());
        }
        assertThat(s3.objects("few", "k=")).hasSize(12);
        assertThat(
                        s3.objects("few", "errors/activePartitionExceeded/").values().stream()
                                .flatMap(object ->
                                        new String(object, StandardCharsets.UTF_8).lines()))
                .hasSize(8 * 5)
                .allSatisfy(line ->
                        assertThat(line)
                                .contains(
                                        "\"errorCode\":\"DynamicPartitioning.ActivePartitionsLimitExceeded\"",
                                        "\"errorMessage\":\"The number of active partitions has exceeded the configured limit\""));
    }

    private static long bytes(S3Server s3) {
        return s3.client().listObjectsV2Paginator(r -> r.bucket("many")).contents().stream()
                .mapToLong(S3Object::size)
                .sum();
    }

    private static String config(S3Server s3, String name, String more) {
        return """
        {"name": "%2$s", "uid": "1", "createdAt": "2026-01-01T00:00:00Z", "sourceStream": "%2$s",
         "spec": {"source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "destination": {"s3": {"endpoint": "%1$s", "bucket": "%2$s", %3$s
           "prefix": "k=!{partitionKeyFromQuery:k}/",
           "errorOutputPrefix": "errors/!{firehose:error-output-type}/",
           "credentialsSecretRef": {"name": "s3"},
           "buffering": {"sizeMiB": 64, "intervalSeconds": 5}}},
          "processing": {"processors": [{"type": "MetadataExtraction", "query": "{k: .k}"}]}}}
        """
                .formatted(s3.endpoint(), name, more);
    }
}
