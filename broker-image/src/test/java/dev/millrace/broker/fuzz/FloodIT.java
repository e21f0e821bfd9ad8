/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.fuzz.Signer.Signed;
import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * Clients that take all that they can get and give nothing back, on real sockets, against a gateway
 * with the memory of a pod. It sheds them and serves others meanwhile. {@code
 * -Dflood.connections=10000} is the long form; {@code e2e/flood} runs it.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(SharedKafka.class)
@Timeout(900)
class FloodIT {

    private static final AccessKey KEY = new AccessKey("AKIDFLOOD", "secret", Role.CLIENT);
    private static final String JSON = "application/x-amz-json-1.1";
    private static final String STREAM = "flood";
    private static final int REFUSED_STREAM = 7;

    private final int connections = Integer.getInteger("flood.connections", 1_200);
    private GatewayProcess gateway;
    private KinesisClient client;
    private Signer signer;

    @BeforeAll
    void start(KafkaNode kafka, @TempDir Path directory) throws Exception {
        gateway = GatewayProcess.start(directory, kafka.bootstrapServers(), KEY);
        signer = new Signer(gateway.port(), KEY);
        client =
                KinesisClient.builder()
                        .endpointOverride(URI.create("http://127.0.0.1:" + gateway.port()))
                        .region(Region.US_EAST_1)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(KEY.id(), KEY.secret())))
                        .build();
        client.createStream(r -> r.streamName(STREAM).shardCount(2));
        client.waiter().waitUntilStreamExists(r -> r.streamName(STREAM));
        byte[] noise = new byte[900_000];
        new Random(1).nextBytes(noise);
        for (int i = 0; i < 24; i++) {
            client.putRecord(r ->
                    r.streamName(STREAM).partitionKey("k").data(SdkBytes.fromByteArray(noise)));
        }
    }

    @AfterAll
    void stop() throws InterruptedException {
        client.close();
        gateway.close();
    }

    @Test
    void idleConnectionsMakeRoom() throws Exception {
        try (Flood flood = new Flood()) {
            flood.open(connections, _ -> {});
            flood.othersAreServedFor(Duration.ofSeconds(2));
        }
    }

    @Test
    void bodiesThatDoNotComeHoldNoMemory() throws Exception {
        String head =
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nX-Amz-Target: Kinesis_20131202.PutRecords\r\nContent-Length: 16000000\r\n\r\n"
                        .formatted(JSON);
        try (Flood flood = new Flood()) {
            flood.open(
                    connections,
                    wire -> {
                        wire.write(head.getBytes(ISO_8859_1));
                        wire.write(new byte[50_000]);
                    });
            flood.othersAreServedFor(Duration.ofSeconds(2));
        }
    }

    @Test
    void bodiesWithoutEndAreRefused() throws Exception {
        String head =
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nX-Amz-Target: Kinesis_20131202.PutRecords\r\nTransfer-Encoding: chunked\r\n\r\n"
                        .formatted(JSON);
        byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(ISO_8859_1);
        try (Flood flood = new Flood()) {
            flood.open(30, wire -> wire.write(head.getBytes(ISO_8859_1)));
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (flood.alive() > 0 && System.nanoTime() < end) {
                flood.each(wire -> wire.write(chunk));
            }
            assertThat(flood.alive()).as("connections that may go on").isZero();
            flood.othersAreServedFor(Duration.ofSeconds(2));
        }
    }

    @Test
    void answersThatNobodyTakesAreBounded() throws Exception {
        String iterator =
                client.getShardIterator(r ->
                                r.streamName(STREAM)
                                        .shardId(shardOf("k"))
                                        .shardIteratorType("TRIM_HORIZON"))
                        .shardIterator();
        byte[] request =
                http1("GetRecords", "{\"ShardIterator\":\"" + iterator + "\",\"Limit\":10000}");
        try (Flood flood = new Flood()) {
            flood.open(Math.min(connections, 2_000), wire -> wire.write(request));
            flood.othersAreServedFor(Duration.ofSeconds(3));
        }
    }

    @Test
    void streamsOfOneConnectionAreBounded() throws Exception {
        String body = "{\"StreamName\":\"" + STREAM + "\"}";
        Signed signed = signer.sign(target("DescribeStream"), JSON, body.getBytes(UTF_8), false);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Frames.PREFACE);
        out.writeBytes(Frames.frame(Frames.SETTINGS, 0, 0, new byte[0]));
        byte[] block =
                Frames.headers("127.0.0.1:" + gateway.port(), signed.path(), signed.headers());
        // Their bodies never come.
        for (int i = 0; i < 3_000; i++) {
            out.writeBytes(Frames.frame(Frames.HEADERS, Frames.END_HEADERS, 2 * i + 1, block));
        }
        try (Flood flood = new Flood();
                Wire wire = new Wire(gateway.port())) {
            try {
                wire.write(out.toByteArray());
            } catch (IOException _) {
                // It may have had enough of it.
            }
            // Then the connection itself has to go: the resets are too many in a second.
            assertThat(resets(wire.readUntilSilent())).isGreaterThan(50);
            flood.othersAreServedFor(Duration.ofSeconds(2));
        }
    }

    /** Both take their time, so they take it together. */
    @Test
    void halfSentHeadsAndSubscribersThatDoNotReadAreLetGo() throws Exception {
        List<String> consumers = consumersOf(streamWithFewBytes(), 10);
        try (Flood subscribers = new Flood();
                Flood heads = new Flood()) {
            for (String consumer : consumers) {
                byte[] request = subscribe(consumer, "shardId-000000000000");
                subscribers.open(1, wire -> wire.write(request));
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> gateway.metric("millrace_subscriptions", "") >= 10);
            heads.open(
                    connections,
                    wire -> wire.write("POST / HTTP/1.1\r\nHost: x\r\nX-A".getBytes(ISO_8859_1)));
            // Each drips, so that none is idle.
            for (int i = 0; i < 18; i++) {
                heads.each(wire -> wire.write("a".getBytes(ISO_8859_1)));
                heads.othersAreServedFor(Duration.ofSeconds(1));
            }
            heads.each(wire -> wire.write("a".getBytes(ISO_8859_1)));
            assertThat(heads.alive()).as("slow heads that are still there").isZero();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() ->
                            assertThat(gateway.metric("millrace_subscriptions", "")).isZero());
            assertThat(gateway.metric("millrace_answer_bytes", "")).isZero();
        }
    }

    /** More than a connection takes unasked, and so few that nobody has patience for long. */
    private String streamWithFewBytes() {
        String name = "flood-few-bytes";
        client.createStream(r -> r.streamName(name).shardCount(1));
        client.waiter().waitUntilStreamExists(r -> r.streamName(name));
        for (int i = 0; i < 3; i++) {
            client.putRecord(r ->
                    r.streamName(name)
                            .partitionKey("k")
                            .data(SdkBytes.fromByteArray(new byte[50_000])));
        }
        return client.describeStreamSummary(r -> r.streamName(name))
                .streamDescriptionSummary()
                .streamARN();
    }

    private List<String> consumersOf(String stream, int count) {
        List<String> arns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = "slow-" + i;
            arns.add(
                    client.registerStreamConsumer(r -> r.streamARN(stream).consumerName(name))
                            .consumer()
                            .consumerARN());
        }
        return arns;
    }

    private byte[] subscribe(String consumer, String shard) {
        String body =
                "{\"ConsumerARN\":\"%s\",\"ShardId\":\"%s\",\"StartingPosition\":{\"Type\":\"TRIM_HORIZON\"}}"
                        .formatted(consumer, shard);
        Signed signed = signer.sign(target("SubscribeToShard"), JSON, body.getBytes(UTF_8), false);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Frames.PREFACE);
        out.writeBytes(Frames.frame(Frames.SETTINGS, 0, 0, new byte[0]));
        out.writeBytes(
                Frames.frame(
                        Frames.HEADERS,
                        Frames.END_HEADERS,
                        1,
                        Frames.headers(
                                "127.0.0.1:" + gateway.port(), signed.path(), signed.headers())));
        out.writeBytes(Frames.frame(Frames.DATA, Frames.END_STREAM, 1, body.getBytes(UTF_8)));
        return out.toByteArray();
    }

    private byte[] http1(String operation, String body) {
        Signed signed = signer.sign(target(operation), JSON, body.getBytes(UTF_8), false);
        StringBuilder head = new StringBuilder("POST / HTTP/1.1\r\n");
        for (Map.Entry<String, String> header : signed.headers().entrySet()) {
            head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
        }
        head.append("Content-Length: ").append(body.length()).append("\r\n\r\n").append(body);
        return head.toString().getBytes(ISO_8859_1);
    }

    private static String target(String operation) {
        return "Kinesis_20131202." + operation;
    }

    private String shardOf(String key) {
        return client.putRecord(r ->
                        r.streamName(STREAM).partitionKey(key).data(SdkBytes.fromUtf8String("x")))
                .shardId();
    }

    /** How many streams were refused with REFUSED_STREAM. */
    private static int resets(byte[] received) {
        int resets = 0;
        ByteBuffer bytes = ByteBuffer.wrap(received);
        while (bytes.remaining() >= 9) {
            int length =
                    (bytes.get() & 0xff) << 16 | (bytes.get() & 0xff) << 8 | bytes.get() & 0xff;
            int type = bytes.get();
            bytes.position(bytes.position() + 5);
            if (bytes.remaining() < length) {
                break;
            }
            if (type == 3 && bytes.getInt(bytes.position()) == REFUSED_STREAM) {
                resets++;
            }
            bytes.position(bytes.position() + length);
        }
        return resets;
    }

    @FunctionalInterface
    private interface Step {
        void with(Wire wire) throws IOException;
    }

    /** Connections that behave badly, and one client that does not and wants to be served. */
    private final class Flood implements AutoCloseable {
        private final List<Wire> wires = new ArrayList<>();

        void open(int count, Step step) {
            for (int i = 0; i < count; i++) {
                try {
                    Wire wire = new Wire(gateway.port());
                    wires.add(wire);
                    step.with(wire);
                } catch (IOException _) {
                    // It is full, or sheds this one already.
                }
            }
        }

        /** Whoever was cut off takes no more part. */
        void each(Step step) {
            wires.removeIf(wire -> {
                try {
                    step.with(wire);
                    return false;
                } catch (IOException _) {
                    return true;
                }
            });
        }

        int alive() {
            return wires.size();
        }

        /** A put and a read after the other, by a client with the SDK's own retries. */
        void othersAreServedFor(Duration time) throws Exception {
            long end = System.nanoTime() + time.toNanos();
            int served = 0;
            while (System.nanoTime() < end || served == 0) {
                client.putRecord(r ->
                        r.streamName(STREAM)
                                .partitionKey("other")
                                .data(SdkBytes.fromUtf8String("x")));
                String iterator =
                        client.getShardIterator(r ->
                                        r.streamName(STREAM)
                                                .shardId("shardId-000000000000")
                                                .shardIteratorType("LATEST"))
                                .shardIterator();
                client.getRecords(r -> r.shardIterator(iterator));
                served++;
            }
            assertThat(served).isPositive();
            assertThat(gateway.isAlive()).isTrue();
        }

        @Override
        public void close() throws Exception {
            for (Wire wire : wires) {
                wire.close();
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> {
                        assertThat(gateway.metric("millrace_connections", ""))
                                .as("connections")
                                .isLessThan(20);
                        assertThat(gateway.metric("millrace_request_bytes", "")).isZero();
                        assertThat(gateway.metric("millrace_answer_bytes", "")).isZero();
                    });
            assertThat(gateway.isAlive()).isTrue();
            System.out.printf(
                    "Flood: %.0f MiB of heap used, %.0f connections shed so far%n",
                    gateway.metric("jvm_memory_used_bytes", "area=\"heap\"") / (1 << 20),
                    gateway.metric("millrace_connections_shed_total", ""));
        }
    }
}
