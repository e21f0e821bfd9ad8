/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Partition;
import dev.millrace.shard.StreamId;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import javax.management.ObjectName;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
@TestInstance(Lifecycle.PER_CLASS)
class KafkaRecordLogIT extends RecordLogContract {

    private Admin admin;
    private KafkaProducer<byte[], byte[]> producer;
    private KafkaRecordLog log;

    @BeforeAll
    void connect(KafkaNode node) {
        String bootstrap = node.bootstrapServers();
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", bootstrap),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        log = KafkaRecordLog.of(bootstrap, Map.of(), 3, _ -> true);
    }

    @AfterAll
    void disconnect() {
        log.close();
        producer.close();
        admin.close();
    }

    @Override
    RecordLog log() {
        return log;
    }

    @Override
    Partition newPartition() throws Exception {
        String topic = "log-" + Uuid.randomUuid();
        // The contract's records are from 1970: retention would delete them under the test.
        NewTopic kept = new NewTopic(topic, 1, (short) 1).configs(Map.of("retention.ms", "-1"));
        admin.createTopics(List.of(kept)).all().get(30, TimeUnit.SECONDS);
        return new Partition(StreamId.random(new Random()), topic, 0);
    }

    @Override
    void append(Partition partition, long timestampMillis, String key, byte[] value)
            throws Exception {
        producer.send(
                        new ProducerRecord<>(
                                partition.topic(),
                                partition.index(),
                                timestampMillis,
                                key.getBytes(StandardCharsets.UTF_8),
                                value))
                .get(30, TimeUnit.SECONDS);
    }

    @Override
    void deleteBefore(Partition partition, long offset) throws Exception {
        TopicPartition topicPartition = new TopicPartition(partition.topic(), partition.index());
        admin.deleteRecords(Map.of(topicPartition, RecordsToDelete.beforeOffset(offset)))
                .all()
                .get(30, TimeUnit.SECONDS);
    }

    @Test
    void manyReadersShareFewConsumers() throws Exception {
        Partition[] partitions = new Partition[8];
        for (int i = 0; i < partitions.length; i++) {
            partitions[i] = newPartition();
            for (int r = 0; r < 20; r++) {
                append(partitions[i], 1, "k", new byte[] {(byte) i});
            }
        }
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < partitions.length; i++) {
                Batch batch = log.read(partitions[i], round * 5L, Long.MAX_VALUE, 5, 1024 * 1024);
                byte expected = (byte) i;
                assertThat(batch.entries())
                        .hasSize(5)
                        .allSatisfy(e -> assertThat(e.value()).containsExactly(expected));
            }
        }
    }

    /** Others than the gateway write in transactions; their marks lie between the records. */
    @Test
    @Timeout(8) // A read that waits for a record behind a mark takes 10 s.
    void marksOfTransactionsAreNotWaitedFor(KafkaNode node) throws Exception {
        Partition partition = newPartition();
        try (KafkaProducer<byte[], byte[]> transactional =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                node.bootstrapServers(),
                                "transactional.id",
                                "marks"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            transactional.initTransactions();
            for (int i = 0; i < 6; i++) {
                transactional.beginTransaction();
                var _ =
                        transactional.send(
                                new ProducerRecord<>(
                                        partition.topic(), 0, null, new byte[] {(byte) i}));
                transactional.flush();
                if (i % 2 == 0) {
                    transactional.commitTransaction();
                } else {
                    transactional.abortTransaction();
                }
                // The marks are written soon after the transaction has ended.
                int end = 2 * i + 2;
                Awaitility.await().until(() -> log.endOffset(partition) == end);
                Batch all = log.read(partition, 0, Long.MAX_VALUE, 100, 1 << 20);
                assertThat(all.entries()).hasSize(i / 2 + 1);
                assertThat(all.nextOffset()).isEqualTo(end);
                Batch tip = log.read(partition, end, Long.MAX_VALUE, 100, 1 << 20);
                assertThat(tip.entries()).isEmpty();
            }
        }
    }

    @Test
    void readsRecordsThatAreLargerThanAFetch() throws Exception {
        Partition partition = newPartition();
        try (KafkaProducer<byte[], byte[]> large =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                admin.describeCluster().nodes().get(30, TimeUnit.SECONDS).stream()
                                        .map(n -> n.host() + ":" + n.port())
                                        .findFirst()
                                        .orElseThrow(),
                                "max.request.size",
                                11 * 1024 * 1024),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (int i = 0; i < 2; i++) {
                large.send(
                                new ProducerRecord<>(
                                        partition.topic(), 0, null, new byte[10 * 1024 * 1024]))
                        .get(30, TimeUnit.SECONDS);
            }
        }

        Batch batch = log.read(partition, 0, Long.MAX_VALUE, 10, 10 * 1024 * 1024);

        assertThat(batch.entries()).hasSize(1);
        assertThat(batch.entries().getFirst().value()).hasSize(10 * 1024 * 1024);
    }

    @Test
    void tenFollowersCostKafkaOneRead() throws Exception {
        Partition partition = newPartition();
        int records = 500;
        int size = 2_000;
        List<Thread> followers = new ArrayList<>();
        List<List<Long>> seen = new ArrayList<>();
        CountDownLatch following = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            List<Long> offsets = Collections.synchronizedList(new ArrayList<>());
            seen.add(offsets);
            followers.add(
                    Thread.ofVirtual().start(() -> follow(partition, records, offsets, following)));
        }
        following.await();
        for (int i = 0; i < records; i++) {
            append(partition, System.currentTimeMillis(), "k", new byte[size]);
        }
        for (Thread follower : followers) {
            assertThat(follower.join(Duration.ofSeconds(30))).isTrue();
        }

        assertThat(seen)
                .allSatisfy(offsets ->
                        assertThat(offsets)
                                .containsExactlyElementsOf(
                                        LongStream.range(0, records).boxed().toList()));
        // A record or two may be read again where a follower came before the tail was there.
        assertThat(bytesOut(partition.topic()))
                .isBetween((long) records * size, (long) (1.5 * records * size));
    }

    /** Reads a partition at its end until it has seen as many records. */
    private void follow(
            Partition partition, int records, List<Long> offsets, CountDownLatch following) {
        long next = 0;
        boolean first = true;
        while (offsets.size() < records) {
            Batch batch =
                    log.follow(
                            partition,
                            next,
                            Long.MAX_VALUE,
                            100,
                            1024 * 1024,
                            first ? Duration.ofMillis(300) : Duration.ofSeconds(2));
            batch.entries().forEach(entry -> offsets.add(entry.offset()));
            next = batch.nextOffset();
            if (first) {
                following.countDown();
                first = false;
            }
        }
    }

    /** What the broker in this process has sent of a topic. */
    private static long bytesOut(String topic) throws Exception {
        return (long)
                ManagementFactory.getPlatformMBeanServer()
                        .getAttribute(
                                new ObjectName(
                                        "kafka.server:type=BrokerTopicMetrics,name=BytesOutPerSec,topic="
                                                + topic),
                                "Count");
    }

    @Test
    void aSlowReaderOfASmallTailMissesNothing(KafkaNode node) throws Exception {
        Partition partition = newPartition();
        int records = 400;
        try (KafkaRecordLog small =
                KafkaRecordLog.of(node.bootstrapServers(), Map.of(), 2, _ -> true, 20_000)) {
            // From here on the partition is followed.
            small.follow(partition, 0, Long.MAX_VALUE, 10, 10_000, Duration.ofMillis(300));
            for (int i = 0; i < records; i++) {
                append(partition, System.currentTimeMillis(), "k", new byte[1_000]);
            }
            List<Long> offsets = new ArrayList<>();
            long next = 0;
            while (offsets.size() < records) {
                Batch batch =
                        small.follow(
                                partition,
                                next,
                                Long.MAX_VALUE,
                                7,
                                1024 * 1024,
                                Duration.ofSeconds(2));
                assertThat(batch.entries()).isNotEmpty();
                batch.entries().forEach(entry -> offsets.add(entry.offset()));
                next = batch.nextOffset();
            }
            assertThat(offsets)
                    .containsExactlyElementsOf(LongStream.range(0, records).boxed().toList());
        }
    }

    /** Its topic goes, and a consumer would ask for it again and again. */
    @Test
    void theEndOfAStreamThatGoesIsFollowedNoMore(KafkaNode node) throws Exception {
        Partition going = newPartition();
        Partition staying = newPartition();
        Set<StreamId> there = ConcurrentHashMap.newKeySet();
        there.addAll(List.of(going.stream(), staying.stream()));
        KafkaTails tails =
                new KafkaTails(
                        () ->
                                new KafkaConsumer<>(
                                        Map.of("bootstrap.servers", node.bootstrapServers()),
                                        new ByteBufferDeserializer(),
                                        new ByteBufferDeserializer()),
                        there::contains,
                        new KafkaTails.Settings(10, 1_000_000, Duration.ofMinutes(10)));
        try {
            assertThat(tails.open(going, 0)).isPresent();
            Tail other = tails.open(staying, 0).orElseThrow();

            there.remove(going.stream());

            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> tails.find(going).isEmpty());
            assertThat(tails.open(going, 0)).isEmpty();
            append(staying, 1, "k", new byte[1]);
            assertThat(other.await(1, Duration.ofSeconds(30))).isTrue();
        } finally {
            tails.close();
        }
    }

    @Test
    void aTopicThatIsMadeAnewIsAnotherPartition() throws Exception {
        Partition old = newPartition();
        for (int i = 0; i < 20; i++) {
            append(old, 1, "old", new byte[] {1});
        }
        // Fetched ahead, and followed.
        log.read(old, 0, Long.MAX_VALUE, 5, 1024 * 1024);
        log.read(old, 20, Long.MAX_VALUE, 5, 1024 * 1024);
        admin.deleteTopics(List.of(old.topic())).all().get(30, TimeUnit.SECONDS);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() ->
                        admin.createTopics(List.of(new NewTopic(old.topic(), 1, (short) 1)))
                                .all()
                                .get(30, TimeUnit.SECONDS));
        Partition anew = new Partition(StreamId.random(new Random()), old.topic(), 0);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() -> append(anew, System.currentTimeMillis(), "new", new byte[1]));
        for (int i = 1; i < 30; i++) {
            append(anew, System.currentTimeMillis(), "new", new byte[] {2});
        }

        assertThat(log.read(anew, 5, Long.MAX_VALUE, 100, 1024 * 1024).entries())
                .hasSizeGreaterThanOrEqualTo(25)
                .allSatisfy(entry -> assertThat(entry.key()).isEqualTo("new"));
    }
}
