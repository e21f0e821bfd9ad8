/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Records on their way through processors into a bucket, by workers that are killed. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class ProcessingIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int RECORDS = 600;

    @TempDir private Path directory;

    @Test
    void partitionsWritesErrorsAndBacksUpEachRecordOnce(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("orders"));
        s3.client().createBucket(r -> r.bucket("orders-raw"));
        pool.createStream("orders", 2);
        List<String> put = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            // Two objects in a record, one that is no JSON now and then, and one that is filtered.
            put.add(i % 50 == 0 ? "broken " + i : order(i, 0) + order(i, 1));
        }
        // The backup has records as they came, with nothing in between.
        pool.put("orders", put.stream().map(record -> record + "\n").toList());
        String config = config(s3);
        for (String step : List.of("DESCRIPTOR_COMMITTED", "UPLOADED")) {
            try (Worker dying = Worker.start(directory, pool, config, step, "1")) {
                dying.awaitDeath();
            }
        }
        try (Worker worker = Worker.start(directory, pool, config)) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .failFast(worker.log(), () -> !worker.isAlive())
                    .until(() ->
                            lines(s3, "orders-raw", "").size() >= RECORDS
                                    && lines(s3, "orders", "by-customer/").size()
                                            >= expected(put).size()
                                    && lines(s3, "orders", "errors/").size() >= RECORDS / 50);
        }
        List<String> delivered = new ArrayList<>();
        lines(s3, "orders", "by-customer/")
                .forEach(line -> delivered.add(line.substring(line.indexOf('\t') + 1)));
        assertThat(delivered).containsExactlyInAnyOrderElementsOf(expected(put));
        assertThat(s3.objects("orders", "by-customer/").keySet())
                .allMatch(key ->
                        key.matches(
                                "by-customer/c\\d/2019-08/to-orders-3-\\d{4}-\\d\\d-\\d\\d-.*"));
        lines(s3, "orders", "by-customer/")
                .forEach(line ->
                        assertThat(line).contains("/c" + json(line).path("customer").asText()));
        assertThat(lines(s3, "orders-raw", ""))
                .extracting(line -> line.substring(line.indexOf('\t') + 1))
                .containsExactlyInAnyOrderElementsOf(put);
        assertThat(raw(lines(s3, "orders", "errors/processing-failed/")))
                .containsExactlyInAnyOrderElementsOf(
                        put.stream().filter(record -> record.startsWith("broken")).toList());
    }

    @Test
    void deliversAnEncryptedStreamAsItWasPutOnceItsKeyIsThere(Pool pool, S3Server s3)
            throws Exception {
        s3.client().createBucket(r -> r.bucket("decrypted"));
        pool.createStream("encrypted", 1);
        pool.client()
                .startStreamEncryption(r ->
                        r.streamName("encrypted").encryptionType("KMS").keyId(Pool.ENCRYPTION_KEY));
        List<String> put = List.of("one secret\n", "another\n");
        pool.put("encrypted", put);
        String config =
                """
                {"name": "decrypting", "uid": "2", "versionId": "1", "createdAt": "2026-01-01T00:00:00Z",
                 "sourceStream": "encrypted",
                 "spec": {
                  "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
                  "destination": {"s3": {"endpoint": "%s", "bucket": "decrypted",
                   "credentialsSecretRef": {"name": "s3"},
                   "buffering": {"sizeMiB": 1, "intervalSeconds": 1}}}}}
                """
                        .formatted(s3.endpoint());
        try (Worker worker = Worker.start(directory, pool, config)) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() ->
                            worker.log()
                                    .contains(
                                            "Encryption key "
                                                    + Pool.ENCRYPTION_KEY
                                                    + " is not there"));
            assertThat(lines(s3, "decrypted", "")).isEmpty();

            Path keys = Files.createDirectories(directory.resolve("encryption-keys"));
            Files.write(keys.resolve(Pool.ENCRYPTION_KEY), new byte[32]);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .failFast(worker.log(), () -> !worker.isAlive())
                    .until(() -> lines(s3, "decrypted", "").size() == 2);
        }
        assertThat(lines(s3, "decrypted", ""))
                .extracting(line -> line.substring(line.indexOf('\t') + 1))
                .containsExactly("one secret", "another");
    }

    private static String order(int i, int j) {
        return "{\"customer\":%d,\"time\":1565382027,\"id\":\"%d.%d\"}".formatted(i % 5, i, j);
    }

    private static List<String> expected(List<String> put) {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < put.size(); i++) {
            if (!put.get(i).startsWith("broken") && i % 5 != 4) {
                expected.add(order(i, 0));
                expected.add(order(i, 1));
            }
        }
        return expected;
    }

    private static List<String> raw(List<String> errorLines) {
        return errorLines.stream()
                .map(line ->
                        new String(
                                        Base64.getDecoder()
                                                .decode(json(line).path("rawData").asText()),
                                        StandardCharsets.UTF_8)
                                .strip())
                .toList();
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line.substring(line.indexOf('\t') + 1));
        } catch (IOException e) {
            throw new IllegalStateException(line, e);
        }
    }

    /** Each line of each object, behind the object's key. */
    private static List<String> lines(S3Server s3, String bucket, String prefix) {
        Map<String, byte[]> objects = new TreeMap<>(s3.objects(bucket, prefix));
        List<String> lines = new ArrayList<>();
        objects.forEach((key, bytes) ->
                new String(bytes, StandardCharsets.UTF_8)
                        .lines()
                        .forEach(line -> lines.add(key + "\t" + line)));
        return lines;
    }

    private static String config(S3Server s3) {
        return """
        {"name": "to-orders", "uid": "1", "versionId": "3", "createdAt": "2026-01-01T00:00:00Z",
         "sourceStream": "orders",
         "spec": {
          "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "destination": {"s3": {"endpoint": "%1$s", "bucket": "orders",
           "prefix": "by-customer/c!{partitionKeyFromQuery:c}/!{partitionKeyFromQuery:month}/",
           "errorOutputPrefix": "errors/!{firehose:error-output-type}/",
           "credentialsSecretRef": {"name": "s3"},
           "buffering": {"sizeMiB": 1, "intervalSeconds": 1}}},
          "backup": {"mode": "AllData", "s3": {"endpoint": "%1$s", "bucket": "orders-raw",
           "credentialsSecretRef": {"name": "s3"},
           "buffering": {"sizeMiB": 1, "intervalSeconds": 2}}},
          "processing": {"processors": [
           {"type": "RecordDeAggregation", "subRecordType": "JSON"},
           {"type": "Filter", "query": ".customer != 4"},
           {"type": "MetadataExtraction",
            "query": "{c: .customer, month: (.time | strftime(\\"%%Y-%%m\\"))}"},
           {"type": "AppendDelimiterToRecord"}]}}}
        """
                .formatted(s3.endpoint());
    }
}
