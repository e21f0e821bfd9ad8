/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.gateway.SignedPost.Reply;
import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways as processes; the one that keeps the queues is killed with records in flight. */
@ExtendWith(SharedKafka.class)
@Timeout(240)
class QueueKillIT {

    private static final int RECORDS = 60;
    private static final int VISIBLE_AFTER_SECONDS = 15;
    private static final AccessKey KEY = InMemoryGateway.CLIENT;

    private record Running(Process process, SignedPost post) implements AutoCloseable {

        Reply call(String operation, String body) throws IOException, InterruptedException {
            return post.call(KEY, operation, body);
        }

        boolean isReady() throws InterruptedException {
            try {
                return call("ListStreams", "{}").status() == 200;
            } catch (IOException _) {
                return false;
            }
        }

        @Override
        public void close() throws InterruptedException {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void nothingIsLostAndNothingAcknowledgedComesBack(KafkaNode kafka, @TempDir Path directory)
            throws Exception {
        Path keys = Files.createDirectories(directory.resolve("clients/test"));
        Files.writeString(keys.resolve("accessKeyId"), KEY.id());
        Files.writeString(keys.resolve("secretAccessKey"), KEY.secret());
        try (Running killed = start(kafka, directory, "killed");
                Running left = start(kafka, directory, "left")) {
            String queue = prepare(killed);
            // Only the first is asked, so that it is the keeper.
            Set<String> acknowledged = new HashSet<>();
            Map<String, JsonNode> inFlight = new HashMap<>();
            while (acknowledged.size() + inFlight.size() < RECORDS / 2) {
                List<JsonNode> records = receive(killed, queue);
                assertThat(records).isNotEmpty();
                int done = (records.size() + 1) / 2;
                assertThat(acknowledge(killed, queue, records.subList(0, done))).hasSize(done);
                records.subList(0, done).forEach(record -> acknowledged.add(id(record)));
                records.subList(done, records.size())
                        .forEach(record -> inFlight.put(id(record), record));
            }
            assertThat(inFlight).isNotEmpty();
            killed.close();

            // A handle of the killed gateway is good with the other one.
            String first = inFlight.keySet().iterator().next();
            assertThat(acknowledge(left, queue, List.of(inFlight.remove(first)))).hasSize(1);
            acknowledged.add(first);
            Set<String> received = new HashSet<>();
            while (received.size() < RECORDS - acknowledged.size()) {
                List<JsonNode> records = receive(left, queue);
                assertThat(records).isNotEmpty();
                for (JsonNode record : records) {
                    assertThat(acknowledged).doesNotContain(id(record));
                    assertThat(received.add(id(record))).isTrue();
                    boolean again = inFlight.containsKey(id(record));
                    assertThat(record.path("ReceiveCount").asInt()).isEqualTo(again ? 2 : 1);
                    if (again) {
                        // Its time was over, although who gave it out is dead.
                        double now = System.currentTimeMillis() / 1000.0;
                        assertThat(now - record.path("FirstReceiveTimestamp").asDouble())
                                .isGreaterThan(VISIBLE_AFTER_SECONDS - 0.5);
                    }
                }
                assertThat(acknowledge(left, queue, records)).hasSize(records.size());
            }
        }
    }

    private static String prepare(Running gateway) throws Exception {
        String name = "killed-" + UUID.randomUUID();
        String stream = "\"StreamName\":\"" + name + "\"";
        gateway.call("CreateStream", "{" + stream + ",\"ShardCount\":2}");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        gateway.call("DescribeStreamSummary", "{" + stream + "}")
                                .body()
                                .at("/StreamDescriptionSummary/StreamStatus")
                                .asText()
                                .equals("ACTIVE"));
        String queue =
                gateway.call(
                                "CreateQueue",
                                "{\"QueueName\":\"%s\",\"StreamConfigurationList\":[{\"StreamARN\":\"arn:aws:kinesis:us-east-1:000000000000:stream/%s\"}],\"QueueAttributes\":{\"VisibilityTimeoutSeconds\":%d}}"
                                        .formatted(name, name, VISIBLE_AFTER_SECONDS))
                        .body()
                        .at("/QueueDescription/QueueARN")
                        .asText();
        for (int i = 0; i < RECORDS; i++) {
            Reply put =
                    gateway.call(
                            "PutRecord",
                            "{%s,\"PartitionKey\":\"key-%d\",\"Data\":\"YQ==\"}"
                                    .formatted(stream, i));
            assertThat(put.status()).isEqualTo(200);
        }
        return queue;
    }

    /** Waits as long as what is in flight takes to come back. */
    private static List<JsonNode> receive(Running gateway, String queue) throws Exception {
        List<JsonNode> records = new ArrayList<>();
        for (int i = 0; i < 3 && records.isEmpty(); i++) {
            Reply reply =
                    gateway.call(
                            "ReceiveQueueRecords",
                            "{\"QueueARN\":\"%s\",\"WaitTimeSeconds\":20}".formatted(queue));
            assertThat(reply.status()).describedAs("%s", reply.body()).isEqualTo(200);
            reply.body().path("QueueRecords").forEach(records::add);
        }
        return records;
    }

    private static List<String> acknowledge(Running gateway, String queue, List<JsonNode> records)
            throws Exception {
        List<String> entries = new ArrayList<>();
        records.forEach(record ->
                entries.add(
                        "{\"ReceiptHandle\":\"" + record.path("ReceiptHandle").asText() + "\"}"));
        Reply reply =
                gateway.call(
                        "AcknowledgeQueueRecords",
                        "{\"QueueARN\":\"%s\",\"Entries\":[%s]}"
                                .formatted(queue, String.join(",", entries)));
        assertThat(reply.status()).describedAs("%s", reply.body()).isEqualTo(200);
        List<String> done = new ArrayList<>();
        reply.body().path("Successful").forEach(entry -> done.add(entry.toString()));
        return done;
    }

    private static String id(JsonNode record) {
        return record.path("RecordId").asText();
    }

    private static Running start(KafkaNode kafka, Path keys, String name) throws IOException {
        int port = freePort();
        ProcessBuilder process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.millrace.broker.Main",
                                "gateway")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        process.environment()
                .putAll(
                        Map.of(
                                "MILLRACE_BOOTSTRAP_SERVERS",
                                kafka.bootstrapServers(),
                                "MILLRACE_ACCESS_KEYS_DIR",
                                keys.toString(),
                                "MILLRACE_GATEWAY_PORT",
                                String.valueOf(port),
                                "MILLRACE_GATEWAY_TLS_PORT",
                                String.valueOf(freePort()),
                                "MILLRACE_METRICS_PORT",
                                String.valueOf(freePort()),
                                "POD_NAME",
                                name));
        Running running = new Running(process.start(), new SignedPost(port));
        try {
            Awaitility.await().atMost(Duration.ofSeconds(90)).until(running::isReady);
            return running;
        } catch (RuntimeException e) {
            running.process().destroyForcibly();
            throw e;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
