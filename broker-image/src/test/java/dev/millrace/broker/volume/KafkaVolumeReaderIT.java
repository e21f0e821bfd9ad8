/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
class KafkaVolumeReaderIT {

    private static final int BYTES = 100_000;

    @Test
    void kafkaTellsOfItsVolumeAndOfWhatATopicTakes(KafkaNode node) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", node.bootstrapServers());
        try (Admin admin = Admin.create(settings);
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            admin.createTopics(Set.of(new NewTopic("measured", 2, (short) 1))).all().get();
            producer.send(
                            new ProducerRecord<>(
                                    "measured",
                                    1,
                                    "key".getBytes(StandardCharsets.UTF_8),
                                    new byte[BYTES]))
                    .get();
            VolumeReading reading = new KafkaVolumeReader(admin).read();

            assertThat(reading.volumes()).hasSize(1);
            Volume volume = reading.volumes().getFirst();
            assertThat(volume.totalBytes()).isGreaterThan(volume.freeBytes());
            assertThat(volume.freeBytes()).isPositive();
            assertThat(reading.replicaBytes())
                    .containsEntry(new TopicPartition("measured", 0), List.of(0L));
            assertThat(reading.replicaBytes().get(new TopicPartition("measured", 1)))
                    .singleElement()
                    .satisfies(size -> assertThat(size).isBetween((long) BYTES, 2L * BYTES));
            admin.deleteTopics(Set.of("measured")).all().get();
        }
    }
}
