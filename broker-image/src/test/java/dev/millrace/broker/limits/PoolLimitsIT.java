/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.gateway.KafkaGateway;
import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import dev.millrace.broker.shardmap.ShardMapClient;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamStatus;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;

/** Three gateways of one pool keep Kinesis's limits together, over a real Kafka. */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(SharedKafka.class)
@Timeout(180)
class PoolLimitsIT {

    private static final AccessKey KEY = new AccessKey("AKIDLIMITS", "secret", Role.CLIENT);

    private static final int MEASURED_AT_MOST = 5;
    private static final double MORE_THAN_A_THIRD = 0.45;

    private final List<KafkaGateway> gateways = new ArrayList<>();
    private final List<KinesisClient> clients = new ArrayList<>();

    @BeforeAll
    void start(KafkaNode kafka) throws Exception {
        ClientOverrideConfiguration once =
                ClientOverrideConfiguration.builder()
                        .retryStrategy(DefaultRetryStrategy.doNotRetry())
                        .build();
        for (int i = 0; i < 3; i++) {
            KafkaGateway gateway =
                    new KafkaGateway(kafka.bootstrapServers(), "limit" + i, List.of(KEY));
            gateways.add(gateway);
            clients.add(gateway.client(KEY, once));
        }
        // Other tests of this run may have gateways of their own in the same pool, on their way
        // out.
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> map().current().gateways().size() == 3);
    }

    @AfterAll
    void stop() {
        clients.forEach(KinesisClient::close);
        gateways.forEach(KafkaGateway::close);
    }

    @Test
    void oneGatewayMayUseAllOfAShardAndThreeNoMore() throws Exception {
        create("limited");
        // All through one of them, while the others have nothing to do.
        measure(1_000, time -> putFor("limited", time, clients.subList(0, 1)));
        // As much through three: not three times as much.
        measure(1_000, time -> putFor("limited", time, clients));
    }

    @Test
    void fiveReadsASecondThroughAllOfThem() throws Exception {
        create("read");
        String iterator =
                clients.getFirst()
                        .getShardIterator(r ->
                                r.streamName("read")
                                        .shardId("shardId-000000000000")
                                        .shardIteratorType("TRIM_HORIZON"))
                        .shardIterator();
        measure(5, time -> readFor(iterator, time));
    }

    @FunctionalInterface
    private interface Load {
        /** How many were let through in that time, of far too many. */
        long through(Duration time) throws Exception;
    }

    /**
     * What a limit lets through is never more than it says, with what was saved up in a second
     * before; and at least once it is clearly more than the third that a gateway has by itself. A
     * machine that has other things to do is not as fast as the limit each time.
     */
    private static void measure(long perSecond, Load load) throws Exception {
        double most = 0;
        for (int i = 0; i < MEASURED_AT_MOST && most < MORE_THAN_A_THIRD * perSecond; i++) {
            long began = System.nanoTime();
            long through = load.through(Duration.ofSeconds(6));
            double seconds = (System.nanoTime() - began) / 1e9;
            assertThat((double) through)
                    .as("let through in %.1f s", seconds)
                    .isLessThanOrEqualTo(perSecond * (seconds + 1.3));
            most = Math.max(most, through / seconds);
        }
        assertThat(most)
                .as("the most in a second")
                .isGreaterThanOrEqualTo(MORE_THAN_A_THIRD * perSecond);
    }

    private long readFor(String iterator, Duration time) {
        AtomicLong taken = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        long end = System.nanoTime() + time.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            clients.forEach(client ->
                    threads.execute(() -> {
                        while (System.nanoTime() < end) {
                            try {
                                client.getRecords(r -> r.shardIterator(iterator));
                                taken.incrementAndGet();
                            } catch (ProvisionedThroughputExceededException _) {
                                refused.incrementAndGet();
                                pause();
                            }
                        }
                    }));
        }
        assertThat(refused.get()).as("refused reads").isPositive();
        return taken.get();
    }

    /** How many of far too many records are taken; the others are refused one by one. */
    private static long putFor(String stream, Duration time, List<KinesisClient> through) {
        List<PutRecordsRequestEntry> entries =
                IntStream.range(0, 50)
                        .mapToObj(_ ->
                                PutRecordsRequestEntry.builder()
                                        .partitionKey("k")
                                        .data(SdkBytes.fromUtf8String("x"))
                                        .build())
                        .toList();
        AtomicLong taken = new AtomicLong();
        Set<String> refusals = ConcurrentHashMap.newKeySet();
        long end = System.nanoTime() + time.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            through.forEach(client ->
                    threads.execute(() -> {
                        while (System.nanoTime() < end) {
                            PutRecordsResponse answer =
                                    client.putRecords(r -> r.streamName(stream).records(entries));
                            taken.addAndGet(50 - answer.failedRecordCount());
                            answer.records().stream()
                                    .map(PutRecordsResultEntry::errorCode)
                                    .filter(Objects::nonNull)
                                    .forEach(refusals::add);
                            if (answer.failedRecordCount() > 0) {
                                pause();
                            }
                        }
                    }));
        }
        assertThat(refusals).isSubsetOf("ProvisionedThroughputExceededException");
        return taken.get();
    }

    private static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private ShardMapClient map() {
        return gateways.getFirst().map();
    }

    private void create(String name) throws Exception {
        StreamName stream = new StreamName(name);
        map().submit(
                        new Command.ApplyStream(
                                stream,
                                StreamId.random(new SecureRandom()),
                                "owner",
                                Optional.of(1),
                                Optional.empty(),
                                Optional.of(LimitsProfile.KINESIS),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()))
                .get();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        gateways.stream()
                                .allMatch(gateway ->
                                        gateway.map().current().stream(stream)
                                                .filter(view ->
                                                        view.state().status()
                                                                == StreamStatus.ACTIVE)
                                                .isPresent()));
        // They look once a second whether there is anything to share.
        Thread.sleep(1_500);
    }
}
