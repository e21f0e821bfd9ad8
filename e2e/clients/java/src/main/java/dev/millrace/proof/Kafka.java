/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.proof;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * Kafka's own consumer, in a group, reads what was put through the Kinesis API. Arguments: the
 * stream, Kafka's bootstrap servers.
 */
public final class Kafka {

    private static final int RECORDS = 500;

    private Kafka() {}

    /** Prints how many records came. */
    public static void main(String[] args) {
        String stream = args[0];
        try (KinesisClient client = KinesisClient.create()) {
            client.createStream(c -> c.streamName(stream).shardCount(3));
            client.waiter().waitUntilStreamExists(d -> d.streamName(stream));
            Map<String, String> put = new TreeMap<>();
            for (int i = 0; i < RECORDS; i++) {
                String key = "schlüssel-" + i;
                put.put(key, "value-" + i);
                client.putRecord(p ->
                        p.streamName(stream)
                                .partitionKey(key)
                                .data(SdkBytes.fromUtf8String(put.get(key))));
            }
            Map<String, String> got = consume(stream, args[1]);
            Sdk.check(got.equals(put), "got " + got.size());
            System.out.println(
                    "Kafka: each of %d records came once, with its key".formatted(got.size()));
            client.deleteStream(d -> d.streamName(stream));
        }
    }

    private static Map<String, String> consume(String topic, String bootstrapServers) {
        Map<String, String> got = new TreeMap<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers", bootstrapServers,
                                "group.id", "proof",
                                "auto.offset.reset", "earliest"),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (got.size() < RECORDS && System.nanoTime() < end) {
                for (ConsumerRecord<String, byte[]> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    String before =
                            got.put(
                                    record.key(),
                                    new String(record.value(), StandardCharsets.UTF_8));
                    Sdk.check(before == null, record.key() + " came twice");
                }
            }
        }
        return got;
    }
}
