/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** The standalone mode as a process of its own, killed in the middle of puts. */
@Timeout(180)
class StandaloneKillIT {

    private static final Pattern READY = Pattern.compile("Kinesis at (\\S+), Kafka at (\\S+)");

    private record Running(Process process, KinesisClient client, String kafka)
            implements AutoCloseable {

        void kill() throws InterruptedException {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }

        @Override
        public void close() throws InterruptedException {
            client.close();
            kill();
        }
    }

    @Test
    void acknowledgedRecordsSurviveAKill(@TempDir Path data) throws Exception {
        Map<String, String> acknowledged = new ConcurrentHashMap<>();
        try (Running running = start(data)) {
            running.client().createStream(r -> r.streamName("orders").shardCount(2));
            awaitActive(running.client());
            Thread producer =
                    Thread.ofVirtual().start(() -> putUntilItFails(running, acknowledged));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> acknowledged.size() > 2_000);
            running.kill();
            producer.join();
        }

        try (Running again = start(data)) {
            awaitActive(again.client());
            Map<String, String> read = readAll(again.client());
            assertThat(read).containsAllEntriesOf(acknowledged);
            again.client()
                    .putRecord(r ->
                            r.streamName("orders")
                                    .partitionKey("k")
                                    .data(SdkBytes.fromUtf8String("still works")));
        }
    }

    /**
     * As after a loss of power: the last records of the transactions' coordinator are gone, those
     * of a partition are not. Without help nobody could read behind them.
     */
    @Test
    void aTransactionThatItsCoordinatorLostHoldsNobodyUp(@TempDir Path data) throws Exception {
        try (Running running = start(data)) {
            running.client().createStream(r -> r.streamName("orders").shardCount(1));
            awaitActive(running.client());
            KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(
                            Map.of(
                                    "bootstrap.servers",
                                    running.kafka(),
                                    "transactional.id",
                                    "lost"),
                            new ByteArraySerializer(),
                            new ByteArraySerializer());
            producer.initTransactions();
            producer.beginTransaction();
            var _ = producer.send(new ProducerRecord<>("orders", 0, new byte[0], new byte[1]));
            producer.flush();
            running.kill();
            producer.close(Duration.ZERO);
        }
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.filter(StandaloneKillIT::isOfTransactions).toList()) {
                Files.delete(file);
            }
        }
        try (Running again = start(data)) {
            awaitActive(again.client());
            again.client()
                    .putRecord(r ->
                            r.streamName("orders")
                                    .partitionKey("k")
                                    .data(SdkBytes.fromUtf8String("seen")));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> readAll(again.client()).containsValue("seen"));
        }
    }

    private static boolean isOfTransactions(Path file) {
        return Files.isRegularFile(file) && file.toString().contains("__transaction_state-");
    }

    private static void putUntilItFails(Running running, Map<String, String> acknowledged) {
        try {
            for (int batch = 0; ; batch++) {
                int first = batch * 20;
                List<PutRecordsRequestEntry> entries =
                        IntStream.range(first, first + 20)
                                .mapToObj(i ->
                                        PutRecordsRequestEntry.builder()
                                                .partitionKey("key-" + i)
                                                .data(SdkBytes.fromUtf8String("value-" + i))
                                                .build())
                                .toList();
                var results =
                        running.client()
                                .putRecords(r -> r.streamName("orders").records(entries))
                                .records();
                for (int i = 0; i < results.size(); i++) {
                    if (results.get(i).errorCode() == null) {
                        acknowledged.put(results.get(i).sequenceNumber(), "value-" + (first + i));
                    }
                }
            }
        } catch (SdkException _) {
            // Killed: nothing of the last batch is acknowledged.
        }
    }

    private static Map<String, String> readAll(KinesisClient client) {
        Map<String, String> read = new HashMap<>();
        for (Shard shard : client.listShards(r -> r.streamName("orders")).shards()) {
            String iterator =
                    client.getShardIterator(r ->
                                    r.streamName("orders")
                                            .shardId(shard.shardId())
                                            .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                            .shardIterator();
            GetRecordsResponse got;
            do {
                String place = iterator;
                got = client.getRecords(r -> r.shardIterator(place));
                got.records().forEach(r -> read.put(r.sequenceNumber(), r.data().asUtf8String()));
                iterator = got.nextShardIterator();
            } while (!got.records().isEmpty());
        }
        return read;
    }

    private static void awaitActive(KinesisClient client) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        client.describeStreamSummary(r -> r.streamName("orders"))
                                        .streamDescriptionSummary()
                                        .streamStatus()
                                == StreamStatus.ACTIVE);
    }

    private static Running start(Path data) throws IOException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.millrace.broker.Main",
                                "standalone",
                                "--data",
                                data.toString(),
                                "--port",
                                "0",
                                "--access-key",
                                "AKIDTEST:a-secret")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        Matcher matcher = READY.matcher(line == null ? "" : line);
        assertThat(matcher.find()).as("The first line of the output: %s", line).isTrue();
        return new Running(
                process,
                KinesisClient.builder()
                        .endpointOverride(URI.create(matcher.group(1)))
                        .region(Region.US_EAST_1)
                        .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofSeconds(30)))
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("AKIDTEST", "a-secret")))
                        .build(),
                matcher.group(2));
    }
}
