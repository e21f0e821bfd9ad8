/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.standalone.Standalone;
import dev.millrace.broker.stream.Account;
import dev.millrace.shard.encryption.KeyName;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** The same as over a log in memory, over real Kafka and the real shard map. */
@TestInstance(Lifecycle.PER_CLASS)
class KafkaKinesisApiIT extends KinesisApiContract {

    private Standalone standalone;
    private KinesisClient client;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        standalone =
                new Standalone(
                        new Standalone.Settings(
                                directory,
                                false,
                                "127.0.0.1",
                                0,
                                0,
                                new Account("us-east-1", "000000000000"),
                                List.of(new AccessKey(ACCESS_KEY, SECRET, Role.CLIENT)),
                                Optional.empty(),
                                KafkaKinesisApiIT::encryptionKey));
        standalone.start();
        client = client(URI.create(standalone.endpoint()).getPort());
    }

    @AfterAll
    void stop() {
        client.close();
        standalone.close();
    }

    private static Optional<SecretKey> encryptionKey(KeyName name) {
        return name.value().equals(ENCRYPTION_KEY)
                ? Optional.of(new SecretKeySpec(new byte[32], "AES"))
                : Optional.empty();
    }

    @Test
    void kafkaHoldsNothingOfAnEncryptedRecord() {
        client.createStream(r -> r.streamName("encrypted").shardCount(1));
        client.waiter().waitUntilStreamExists(r -> r.streamName("encrypted"));
        client.startStreamEncryption(
                r -> r.streamName("encrypted").encryptionType("KMS").keyId(ENCRYPTION_KEY));
        put("encrypted", "k", "a very secret record");

        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", standalone.bootstrapServers()),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            List<TopicPartition> partitions = List.of(new TopicPartition("encrypted", 0));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            ConsumerRecords<String, String> records = consumer.poll(Duration.ofSeconds(20));
            assertThat(records.count()).isEqualTo(1);
            records.forEach(record -> {
                assertThat(record.value()).doesNotContain("secret");
                assertThat(record.headers().lastHeader("millrace-key")).isNotNull();
            });
        }
    }

    @Override
    KinesisClient client() {
        return client;
    }

    @Override
    boolean advance(Duration time) {
        return false;
    }
}
