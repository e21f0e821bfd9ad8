/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Web;
import dev.millrace.delivery.testing.Worker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Workers that are killed on the way to an HTTP endpoint and to a topic of Kafka. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class OtherDestinationsIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path directory;

    @Test
    void anEndpointThatFailsNowAndThenGetsEachRequestUntilItSaysYes(Pool pool, S3Server s3)
            throws Exception {
        s3.client().createBucket(r -> r.bucket("endpoint-backup"));
        pool.createStream("endpoint", 2);
        AtomicInteger calls = new AtomicInteger();
        Map<String, List<String>> byRequest = new ConcurrentHashMap<>();
        try (Web web =
                new Web((_, body) -> {
                    JsonNode request = JSON.readTree(body);
                    List<String> records = new ArrayList<>();
                    request.path("records")
                            .forEach(record -> records.add(decoded(record.path("data"))));
                    String id = request.path("requestId").asText();
                    byRequest.put(id, records);
                    return calls.incrementAndGet() % 2 == 1
                            ? new Web.Answer(503, "text/plain", "busy")
                            : Web.Answer.json(
                                    "{\"requestId\":\"%s\",\"timestamp\":1}".formatted(id));
                })) {
            String destination =
                    "{\"httpEndpoint\": {\"url\": \"%s\", \"buffering\": {\"sizeMiB\": 1, \"intervalSeconds\": 1}}}"
                            .formatted(web.url());
            List<String> put = new ArrayList<>(pool.put("endpoint", 0, 1_000));
            String config = config("endpoint", destination, s3);
            try (Worker dying = Worker.start(directory, pool, config, "UPLOADED", "1")) {
                dying.awaitDeath();
            }
            try (Worker worker = Worker.start(directory, pool, config)) {
                put.addAll(pool.put("endpoint", 1_000, 1_000));
                // By its ids a server can tell what it has; so each is there once.
                await(
                        worker,
                        () -> byRequest.values().stream().mapToInt(List::size).sum() >= 2_000);
            }
            assertThat(byRequest.values().stream().flatMap(List::stream))
                    .containsExactlyInAnyOrderElementsOf(put);
        }
        assertThat(s3.objects("endpoint-backup", "")).isEmpty();
    }

    @Test
    void aTopicGetsRecordsInOrderWithTheirKeys(Pool pool, S3Server s3) throws Exception {
        s3.client().createBucket(r -> r.bucket("topic-backup"));
        pool.createStream("to-topic", 1);
        Map<String, Object> client = Map.of("bootstrap.servers", pool.bootstrapServers());
        try (Admin admin = Admin.create(client)) {
            admin.createTopics(
                            List.of(
                                    new NewTopic("copied", 3, (short) 1)
                                            .configs(Map.of("max.message.bytes", "20000"))))
                    .all()
                    .get();
        }
        String destination =
                "{\"kafka\": {\"bootstrapServers\": \"%s\", \"topic\": \"copied\", \"buffering\": {\"sizeMiB\": 1, \"intervalSeconds\": 1}}}"
                        .formatted(pool.bootstrapServers());
        List<String> put = new ArrayList<>(pool.put("to-topic", 0, 1_000));
        String config = config("to-topic", destination, s3);
        try (Worker dying = Worker.start(directory, pool, config, "UPLOADED", "1")) {
            dying.awaitDeath();
        }
        byte[] noise = new byte[60_000];
        new java.util.Random(1).nextBytes(noise);
        String large = Base64.getEncoder().encodeToString(noise);
        pool.put("to-topic", List.of(large));
        put.addAll(pool.put("to-topic", 1_000, 1_000));
        Map<String, String> copied = new HashMap<>();
        try (Worker worker = Worker.start(directory, pool, config);
                KafkaConsumer<String, String> consumer =
                        new KafkaConsumer<>(
                                Map.of(
                                        "bootstrap.servers",
                                        pool.bootstrapServers(),
                                        "group.id",
                                        "copied",
                                        "auto.offset.reset",
                                        "earliest"),
                                new StringDeserializer(),
                                new StringDeserializer())) {
            consumer.subscribe(List.of("copied"));
            await(
                    worker,
                    () -> {
                        for (ConsumerRecord<String, String> record :
                                consumer.poll(Duration.ofMillis(200))) {
                            copied.put(record.value(), record.key());
                        }
                        return copied.size() >= 2_000
                                && !s3.objects("topic-backup", "failed/kafka-failed/").isEmpty();
                    });
        }
        Set<String> expected = new HashSet<>(put);
        assertThat(copied.keySet()).isEqualTo(expected);
        assertThat(copied)
                .allSatisfy((value, key) -> assertThat(key).isEqualTo("key-" + value.hashCode()));
        List<String> errors = new ArrayList<>();
        for (byte[] object : s3.objects("topic-backup", "failed/").values()) {
            for (String line : new String(object, StandardCharsets.UTF_8).lines().toList()) {
                errors.add(decoded(JSON.readTree(line).path("rawData")));
            }
        }
        assertThat(errors).containsExactly(large);
    }

    private static String decoded(JsonNode base64) {
        return new String(Base64.getDecoder().decode(base64.asText()), StandardCharsets.UTF_8);
    }

    private static void await(Worker worker, Callable<Boolean> condition) throws Exception {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .failFast(worker.log(), () -> !worker.isAlive())
                .pollInSameThread()
                .until(condition);
    }

    private static String config(String stream, String destination, S3Server s3) {
        return """
        {"name": "to-other", "uid": "%1$s", "createdAt": "2026-01-01T00:00:00Z",
         "sourceStream": "%1$s",
         "spec": {
          "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "destination": %2$s,
          "backup": {"mode": "FailedDataOnly", "s3": {"endpoint": "%3$s",
           "bucket": "%4$s-backup", "errorOutputPrefix": "failed/",
           "credentialsSecretRef": {"name": "s3"}}}}}
        """
                .formatted(stream, destination, s3.endpoint(), stream.replace("to-", ""));
    }
}
