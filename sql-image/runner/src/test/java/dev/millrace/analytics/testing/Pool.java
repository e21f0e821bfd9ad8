/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.testing;

import dev.millrace.broker.standalone.Standalone;
import dev.millrace.broker.stream.Account;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.log.ShardMapLog;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** Kafka and the gateway, one for all tests of a run, with a Kinesis client. */
public final class Pool implements AutoCloseable {

    /** Gives tests the pool as a parameter. */
    public static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Pool.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return shared(context);
        }
    }

    /** The one pool of a run. */
    static Pool shared(ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(Pool.class))
                .computeIfAbsent(Pool.class, _ -> start(), Pool.class);
    }

    /** A key of 32 zeros that streams may be encrypted with. */
    public static final String ENCRYPTION_KEY = "test-key";

    private final String bootstrapServers;
    private final Runnable stop;
    private final KinesisClient client;

    /**
     * @param stop what is to be done at the end
     */
    public Pool(String endpoint, String bootstrapServers, Runnable stop) {
        this.bootstrapServers = bootstrapServers;
        this.stop = stop;
        this.client =
                KinesisClient.builder()
                        .endpointOverride(URI.create(endpoint))
                        .region(Region.US_EAST_1)
                        .httpClientBuilder(Apache5HttpClient.builder())
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("key", "secret")))
                        .build();
    }

    private static Pool start() {
        try {
            Standalone standalone =
                    new Standalone(
                            new Standalone.Settings(
                                    Files.createTempDirectory("millrace-analytics"),
                                    true,
                                    "127.0.0.1",
                                    0,
                                    0,
                                    new Account(Account.DEFAULT_REGION, Account.DEFAULT_ID),
                                    List.of(),
                                    Optional.empty(),
                                    name ->
                                            name.value().equals(ENCRYPTION_KEY)
                                                    ? Optional.of(
                                                            new SecretKeySpec(new byte[32], "AES"))
                                                    : Optional.empty()));
            standalone.start();
            return new Pool(
                    standalone.endpoint(), standalone.bootstrapServers(), standalone::close);
        } catch (IOException e) {
            throw new IllegalStateException("No pool", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("No pool", e);
        }
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    public KinesisClient client() {
        return client;
    }

    public void createStream(String name, int shards) {
        client.createStream(r -> r.streamName(name).shardCount(shards));
        awaitActive(name);
    }

    public void reshard(String name, int shards) {
        client.updateShardCount(
                r -> r.streamName(name).targetShardCount(shards).scalingType("UNIFORM_SCALING"));
        awaitActive(name);
    }

    /** The topic of a stream. */
    public String topic(String stream) {
        try (ShardMapLog log = ShardMapLog.open(Map.of("bootstrap.servers", bootstrapServers()))) {
            return log.replay(() -> false).stream(new StreamName(stream))
                    .orElseThrow()
                    .state()
                    .topic();
        }
    }

    public void awaitActive(String name) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        client.describeStreamSummary(r -> r.streamName(name))
                                        .streamDescriptionSummary()
                                        .streamStatus()
                                == StreamStatus.ACTIVE);
    }

    /** Puts records {@code <first>}, {@code <first + 1>} and so on, each with a key of its own. */
    public List<String> put(String stream, int first, int count) {
        List<String> values = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            values.add("record-" + i);
        }
        put(stream, values);
        return values;
    }

    public void put(String stream, List<String> values) {
        for (int from = 0; from < values.size(); from += 500) {
            List<PutRecordsRequestEntry> entries =
                    values.subList(from, Math.min(values.size(), from + 500)).stream()
                            .map(value ->
                                    PutRecordsRequestEntry.builder()
                                            .partitionKey("key-" + value.hashCode())
                                            .data(SdkBytes.fromUtf8String(value))
                                            .build())
                            .toList();
            if (client.putRecords(r -> r.streamName(stream).records(entries)).failedRecordCount()
                    > 0) {
                throw new IllegalStateException("A put failed");
            }
        }
    }

    /** All records of a stream that can be read through the gateway, shard by shard. */
    public List<String> records(String stream) {
        List<String> all = new ArrayList<>();
        for (Shard shard : client.listShards(r -> r.streamName(stream)).shards()) {
            String iterator =
                    client.getShardIterator(r ->
                                    r.streamName(stream)
                                            .shardId(shard.shardId())
                                            .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                            .shardIterator();
            while (iterator != null) {
                String next = iterator;
                GetRecordsResponse read = client.getRecords(r -> r.shardIterator(next));
                read.records().forEach(record -> all.add(record.data().asUtf8String()));
                iterator =
                        read.records().isEmpty() && read.millisBehindLatest() == 0
                                ? null
                                : read.nextShardIterator();
            }
        }
        return all;
    }

    @Override
    public void close() {
        client.close();
        stop.run();
    }
}
