/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench.sql;

import dev.millrace.shard.StreamName;
import dev.millrace.shard.log.ShardMapLog;
import java.net.URI;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** The streams of a standalone broker, and Kafka's clients of the same. */
final class Streams implements AutoCloseable {

    private final String bootstrapServers;
    private final KinesisClient client;

    /**
     * @param arguments as {@code bench/run} gives them: endpoint, brokers, process, access key
     */
    Streams(String[] arguments) {
        this.bootstrapServers = arguments[1];
        this.client =
                KinesisClient.builder()
                        .endpointOverride(URI.create(arguments[0]))
                        .region(Region.US_EAST_1)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(arguments[3], arguments[4])))
                        .build();
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    /** Returns the topic of a new stream. */
    String create(String name, int shards) {
        client.createStream(create -> create.streamName(name).shardCount(shards));
        client.waiter().waitUntilStreamExists(describe -> describe.streamName(name));
        try (ShardMapLog log = ShardMapLog.open(Map.of("bootstrap.servers", bootstrapServers))) {
            return log.replay(() -> false).stream(new StreamName(name))
                    .orElseThrow()
                    .state()
                    .topic();
        }
    }

    void put(String stream, String row) {
        client.putRecord(
                put -> put.streamName(stream).partitionKey("k").data(SdkBytes.fromUtf8String(row)));
    }

    KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", bootstrapServers,
                        "linger.ms", "20",
                        "batch.size", "262144",
                        "acks", "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    KafkaConsumer<byte[], byte[]> consumer(String group) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", bootstrapServers,
                        "group.id", group,
                        "auto.offset.reset", "earliest",
                        "isolation.level", "read_committed",
                        "metadata.max.age.ms", "1000"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        client.close();
    }
}
