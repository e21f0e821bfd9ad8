/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.fuzz.Cases.Case;
import dev.millrace.broker.gateway.KafkaGateway;
import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * Whatever comes in, the gateway answers with errors that are the caller's, holds nothing of it
 * afterwards, and serves on. {@code -Dfuzz.requests=100000 -Dfuzz.seed=7} runs more, others; {@code
 * -Dfuzz.first=123 -Dfuzz.requests=1} repeats one case of a seed. {@code e2e/fuzz} does so.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(SharedKafka.class)
class FuzzIT {

    private static final AccessKey CLIENT = new AccessKey("AKIDFUZZ", "secret", Role.CLIENT);
    private static final AccessKey OPERATOR = new AccessKey("AKIDOPERATOR", "s", Role.OPERATOR);
    private static final int WORKERS = 12;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");

    private final long seed = Long.getLong("fuzz.seed", 20261101);
    private final int first = Integer.getInteger("fuzz.first", 0);
    private final int requests = Integer.getInteger("fuzz.requests", 4_000);
    private final AtomicReference<String> iterator = new AtomicReference<>("");
    private final Queue<String> findings = new ConcurrentLinkedQueue<>();
    private KafkaGateway gateway;
    private KinesisClient client;

    @BeforeAll
    void start(KafkaNode kafka) throws Exception {
        gateway = new KafkaGateway(kafka.bootstrapServers(), "fuzz", List.of(CLIENT, OPERATOR));
        client = gateway.client(CLIENT);
    }

    @AfterAll
    void stop() {
        client.close();
        gateway.close();
    }

    @Test
    void whateverComesInItServesOn() throws Exception {
        System.out.printf("Fuzz: seed %d, %d requests from %d on%n", seed, requests, first);
        Cases cases =
                new Cases(gateway.port(), CLIENT, OPERATOR, iterator::get, consumerOfStream());
        int threadsBefore = ManagementFactory.getThreadMXBean().getThreadCount();
        AtomicInteger next = new AtomicInteger(first);
        try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
            for (int i = 0; i < WORKERS; i++) {
                workers.execute(() -> work(cases, next));
            }
        }
        assertThat(findings).as("seed %d", seed).isEmpty();
        assertThat(
                        gateway.metrics().find("millrace.requests").timers().stream()
                                .filter(t -> "InternalFailure".equals(t.getId().getTag("outcome")))
                                .mapToLong(Timer::count)
                                .sum())
                .as("failures of the gateway itself; its log has them")
                .isZero();
        assertNothingIsLeft(threadsBefore);
        assertThat(putAndRead()).isEqualTo("still here");
    }

    private void work(Cases cases, AtomicInteger next) {
        Wire kept = null;
        try {
            for (int i = next.getAndIncrement(); i < first + requests; i = next.getAndIncrement()) {
                if (i % 5_000 == 4_999) {
                    System.out.printf("Fuzz: %d%n", i + 1);
                }
                kept = send(i, cases.of(seed * 1_000_003 + i), kept);
            }
        } catch (IOException | RuntimeException e) {
            findings.add("The fuzz itself failed: " + e);
        } finally {
            close(kept);
        }
    }

    /**
     * @return the connection that the next whole request may use
     */
    private Wire send(int number, Case one, Wire kept) throws IOException {
        return switch (one.kind()) {
            case REQUEST -> ask(number, one, kept);
            case RAW, HTTP2 -> {
                try (Wire wire = new Wire(gateway.port())) {
                    try {
                        wire.write(one.bytes());
                        if (one.finish()) {
                            wire.finish();
                        }
                    } catch (IOException _) {
                        // It has had enough of this connection already.
                    }
                    check(number, one, wire.readUntilSilent());
                }
                yield kept;
            }
        };
    }

    private Wire ask(int number, Case one, Wire kept) throws IOException {
        Wire wire = kept == null ? new Wire(gateway.port()) : kept;
        try {
            wire.write(one.bytes());
            byte[] answer = wire.readAnswer();
            check(number, one, answer);
            if (!new String(answer, ISO_8859_1).contains("onnection: close")) {
                return wire;
            }
        } catch (java.net.SocketTimeoutException _) {
            findings.add("No answer to case " + number + ": " + excerpt(one.bytes()));
        } catch (IOException _) {
            // It may close a connection that a bad request came through.
        }
        close(wire);
        return null;
    }

    private void check(int number, Case one, byte[] answer) {
        if (one.kind() == Cases.Kind.HTTP2) {
            for (int status : Frames.statuses(answer)) {
                check(number, one, status, "");
            }
            return;
        }
        String text = new String(answer, ISO_8859_1);
        Matcher statuses = STATUS.matcher(text);
        while (statuses.find()) {
            check(number, one, Integer.parseInt(statuses.group(1)), text);
        }
    }

    private void check(int number, Case one, int status, String answer) {
        // 505 answers an HTTP/9.9, which is the caller's.
        if (status >= 500 && status != 503 && status != 505) {
            findings.add(
                    "%d for case %d (%s): %s%n%s"
                            .formatted(
                                    status,
                                    number,
                                    one.kind(),
                                    answer.substring(0, Math.min(600, answer.length())),
                                    excerpt(one.bytes())));
        }
    }

    private void assertNothingIsLeft(int threadsBefore) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> {
                    for (String gauge :
                            List.of(
                                    "millrace.request.bytes",
                                    "millrace.answer.bytes",
                                    "millrace.subscriptions",
                                    "millrace.requests.active")) {
                        assertThat(gateway.metrics().get(gauge).gauge().value()).as(gauge).isZero();
                    }
                    // The test's own client keeps one or two.
                    assertThat(gateway.metrics().get("millrace.connections").gauge().value())
                            .as("connections")
                            .isLessThanOrEqualTo(4);
                    assertThat(ManagementFactory.getThreadMXBean().getThreadCount())
                            .as("threads")
                            .isLessThanOrEqualTo(threadsBefore + 40);
                });
    }

    private String consumerOfStream() throws InterruptedException {
        client.createStream(r -> r.streamName(Requests.STREAM).shardCount(2));
        client.waiter().waitUntilStreamExists(r -> r.streamName(Requests.STREAM));
        iterator.set(iterator(Requests.STREAM));
        String stream =
                client.describeStreamSummary(r -> r.streamName(Requests.STREAM))
                        .streamDescriptionSummary()
                        .streamARN();
        String arn =
                client.registerStreamConsumer(
                                r -> r.streamARN(stream).consumerName(Requests.CONSUMER))
                        .consumer()
                        .consumerARN();
        for (int i = 0; i < 600; i++) {
            if (client.describeStreamConsumer(r -> r.consumerARN(arn))
                            .consumerDescription()
                            .consumerStatus()
                    == ConsumerStatus.ACTIVE) {
                return arn;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError("The consumer does not become ACTIVE");
    }

    private String iterator(String stream) {
        return client.getShardIterator(r ->
                        r.streamName(stream)
                                .shardId("shardId-000000000000")
                                .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();
    }

    /** On a stream that the fuzz knows nothing of. */
    private String putAndRead() {
        String stream = "after-the-fuzz";
        client.createStream(r -> r.streamName(stream).shardCount(1));
        client.waiter().waitUntilStreamExists(r -> r.streamName(stream));
        client.putRecord(r ->
                r.streamName(stream).partitionKey("k").data(SdkBytes.fromUtf8String("still here")));
        String from = iterator(stream);
        return client.getRecords(r -> r.shardIterator(from))
                .records()
                .getFirst()
                .data()
                .asUtf8String();
    }

    private static String excerpt(byte[] bytes) {
        return new String(bytes, 0, Math.min(1_500, bytes.length), ISO_8859_1);
    }

    private static void close(Wire wire) {
        if (wire != null) {
            try {
                wire.close();
            } catch (IOException _) {
                // It is gone.
            }
        }
    }
}
