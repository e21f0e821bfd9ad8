/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Partition;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
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
        log = KafkaRecordLog.of(bootstrap, Map.of(), 3);
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
        return new Partition(topic, 0);
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
}
