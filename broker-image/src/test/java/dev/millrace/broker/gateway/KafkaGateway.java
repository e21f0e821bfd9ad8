/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.FixedAccessKeys;
import dev.millrace.broker.queuekeeper.KafkaQueueKeepers;
import dev.millrace.broker.shardmap.KafkaShardMap;
import dev.millrace.broker.shardmap.ShardMapClient;
import dev.millrace.broker.signing.SigV4Authenticator;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.wire.ApiServer;
import dev.millrace.shard.encryption.EncryptionKeys;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** One gateway of a pool, in this process, over a real Kafka. */
public final class KafkaGateway implements AutoCloseable {

    private static final Account ACCOUNT = new Account("us-east-1", "000000000000");
    private static final int READERS = 8;
    private static final long REQUEST_BYTES = 64L << 20;

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final KafkaBackend backend;
    private final Gateway gateway;

    /** Joins the pool and takes requests. */
    public KafkaGateway(String bootstrapServers, String name, List<AccessKey> keys)
            throws InterruptedException {
        SecureRandom random = new SecureRandom();
        this.backend =
                new KafkaBackend(
                        new KafkaQueueKeepers.Settings(bootstrapServers, 1, name),
                        PoolShards.join(
                                new KafkaShardMap.Settings(bootstrapServers, 1, ACCOUNT.id(), name),
                                InstantSource.system(),
                                random),
                        READERS,
                        InstantSource.system(),
                        random);
        this.gateway =
                new Gateway(
                        ApiServer.Settings.of("127.0.0.1", 0),
                        backend.backend(),
                        new Gateway.Surroundings(
                                ACCOUNT,
                                new SigV4Authenticator(
                                        new FixedAccessKeys(keys),
                                        Set.of("kinesis", "firehose"),
                                        InstantSource.system()),
                                InstantSource.system(),
                                new SecureRandom(),
                                metrics,
                                REQUEST_BYTES,
                                EncryptionKeys.NONE,
                                false));
        gateway.start();
    }

    public int port() {
        return gateway.port();
    }

    public SimpleMeterRegistry metrics() {
        return metrics;
    }

    public ShardMapClient map() {
        return backend.backend().shardMap();
    }

    public KinesisClient client(AccessKey key) {
        return client(key, ClientOverrideConfiguration.builder().build());
    }

    public KinesisClient client(AccessKey key, ClientOverrideConfiguration configuration) {
        return KinesisClient.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + port()))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(key.id(), key.secret())))
                .overrideConfiguration(configuration)
                .build();
    }

    @Override
    public void close() {
        gateway.close();
        backend.close();
    }
}
