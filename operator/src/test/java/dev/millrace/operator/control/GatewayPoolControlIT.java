/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.standalone.Standalone;
import dev.millrace.broker.stream.Account;
import dev.millrace.shard.StreamName;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ScalingType;

/** The contract on the gateway itself, over HTTP, with signatures, on a real Kafka. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class GatewayPoolControlIT extends PoolControlContract implements ApiSide {

    private static final AccessKey CLIENT =
            new AccessKey("AKIDCLIENT", "client-secret", Role.CLIENT);
    private static final AccessKey OPERATOR =
            new AccessKey("AKIDOPERATOR", "operator-secret", Role.OPERATOR);
    private static final PoolRef POOL = new PoolRef("shop", "default");
    private static final String REGION = "us-east-1";
    private static final long PASS_MILLIS = 50;

    private final Standalone gateway;
    private final Keys keys = new Keys(OPERATOR);

    GatewayPoolControlIT(@TempDir Path data) {
        gateway =
                new Standalone(
                        new Standalone.Settings(
                                data,
                                false,
                                "127.0.0.1",
                                0,
                                0,
                                new Account(REGION, "000000000000"),
                                List.of(CLIENT, OPERATOR)));
    }

    /** A key that is always there, and counts how often it was turned away. */
    private record Keys(AccessKey key, AtomicInteger rejections) implements OperatorKeys {

        Keys(AccessKey key) {
            this(key, new AtomicInteger());
        }

        @Override
        public Optional<Key> of(PoolRef pool) {
            return Optional.of(new Key(key.id(), key.secret()));
        }

        @Override
        public void wasRejected(PoolRef pool) {
            rejections.incrementAndGet();
        }
    }

    @BeforeAll
    void start() throws Exception {
        gateway.start();
    }

    @AfterAll
    void stop() {
        gateway.close();
    }

    @Test
    void aKeyOfAnybodyElseIsRejectedAndAskedForAgain() {
        Keys others = new Keys(CLIENT);

        assertThat(control(gateway.endpoint(), others).listStreamStates())
                .isInstanceOfSatisfying(
                        ControlResult.Refused.class,
                        refused -> assertThat(refused.isFinal()).isFalse());
        assertThat(others.rejections()).hasValue(1);
    }

    @Test
    void nobodyThereIsNoException() {
        assertThat(control("http://127.0.0.1:1", keys).describePool())
                .isInstanceOfSatisfying(
                        ControlResult.Unreachable.class,
                        unreachable ->
                                assertThat(unreachable.cause())
                                        .contains("DescribePool", "shop/default"));
    }

    @Override
    PoolControl control() {
        return control(gateway.endpoint(), keys);
    }

    private static PoolControl control(String endpoint, OperatorKeys keys) {
        return new HttpPoolControls(
                        new ControlEndpoint(endpoint), keys, REGION, InstantSource.system())
                .of(POOL);
    }

    @Override
    ApiSide api() {
        return this;
    }

    @Override
    void pass() throws InterruptedException {
        Thread.sleep(PASS_MILLIS);
    }

    @Override
    public void createStream(StreamName name, int shardCount) {
        try (KinesisClient kinesis = kinesis()) {
            kinesis.createStream(r -> r.streamName(name.value()).shardCount(shardCount));
        }
    }

    @Override
    public void deleteStream(StreamName name) {
        try (KinesisClient kinesis = kinesis()) {
            kinesis.deleteStream(r -> r.streamName(name.value()));
        }
    }

    @Override
    public void updateShardCount(StreamName name, int shardCount) {
        try (KinesisClient kinesis = kinesis()) {
            kinesis.updateShardCount(r ->
                    r.streamName(name.value())
                            .targetShardCount(shardCount)
                            .scalingType(ScalingType.UNIFORM_SCALING));
        }
    }

    @Override
    public void setRetention(StreamName name, int hours) {
        try (KinesisClient kinesis = kinesis()) {
            kinesis.increaseStreamRetentionPeriod(
                    r -> r.streamName(name.value()).retentionPeriodHours(hours));
        }
    }

    private KinesisClient kinesis() {
        return KinesisClient.builder()
                .endpointOverride(URI.create(gateway.endpoint()))
                .region(Region.of(REGION))
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(CLIENT.id(), CLIENT.secret())))
                .build();
    }
}
