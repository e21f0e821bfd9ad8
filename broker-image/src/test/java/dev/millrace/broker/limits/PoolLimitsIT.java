/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
        long throughOne = putFor("limited", Duration.ofSeconds(6), clients.subList(0, 1));
        assertThat(throughOne).isBetween(5_400L, 7_300L);
        // As much through three: not three times as much. What was saved up is one second's worth.
        long throughAll = putFor("limited", Duration.ofSeconds(6), clients);
        assertThat(throughAll).isBetween(5_000L, 7_300L);
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
        ConcurrentLinkedQueue<Long> reads = new ConcurrentLinkedQueue<>();
        long began = System.nanoTime();
        long end = began + Duration.ofSeconds(5).toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            clients.forEach(client ->
                    threads.execute(() -> {
                        while (System.nanoTime() < end) {
                            try {
                                client.getRecords(r -> r.shardIterator(iterator));
                                reads.add(System.nanoTime());
                            } catch (ProvisionedThroughputExceededException _) {
                                pause();
                            }
                        }
                    }));
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        assertThat(reads.size()).isBetween(17, (int) Math.ceil(5 * (seconds + 1)));
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 10; i++) {
                                clients.get(i % 3).getRecords(r -> r.shardIterator(iterator));
                            }
                        })
                .isInstanceOf(ProvisionedThroughputExceededException.class);
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
        ConcurrentLinkedQueue<Integer> taken = new ConcurrentLinkedQueue<>();
        long end = System.nanoTime() + time.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            through.forEach(client ->
                    threads.execute(() -> {
                        while (System.nanoTime() < end) {
                            PutRecordsResponse answer =
                                    client.putRecords(r -> r.streamName(stream).records(entries));
                            taken.add(50 - answer.failedRecordCount());
                            assertThat(answer.records())
                                    .extracting(PutRecordsResultEntry::errorCode)
                                    .containsAnyOf(null, "ProvisionedThroughputExceededException");
                            if (answer.failedRecordCount() > 0) {
                                pause();
                            }
                        }
                    }));
        }
        return taken.stream().mapToLong(Integer::longValue).sum();
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
