/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.Consumer;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** Registered consumers and subscriptions as the AWS SDK for Java sees them, over HTTP/2. */
@Timeout(120)
abstract class FanoutContract {

    private static final String SHARD_0 = "shardId-000000000000";

    private KinesisAsyncClient client;

    abstract int port();

    /** A subscription to the stream was just refused: who sees metrics looks at them. */
    void refused(String stream) {}

    @BeforeEach
    void connect() {
        client =
                KinesisAsyncClient.builder()
                        .endpointOverride(URI.create("http://127.0.0.1:" + port()))
                        .region(Region.US_EAST_1)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(
                                                KinesisApiContract.ACCESS_KEY,
                                                KinesisApiContract.SECRET)))
                        .httpClientBuilder(
                                NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP2))
                        .build();
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    /** The events of one subscription as they come. */
    private final class Subscription {
        private final BlockingQueue<SubscribeToShardEvent> events = new LinkedBlockingQueue<>();
        private final CompletableFuture<Void> ended;

        Subscription(String consumer, String shard, StartingPosition position) {
            this.ended =
                    client.subscribeToShard(
                            r -> r.consumerARN(consumer).shardId(shard).startingPosition(position),
                            SubscribeToShardResponseHandler.builder()
                                    .subscriber(
                                            SubscribeToShardResponseHandler.Visitor.builder()
                                                    .onSubscribeToShardEvent(events::add)
                                                    .build())
                                    .build());
        }

        SubscribeToShardEvent next() throws InterruptedException {
            SubscribeToShardEvent event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).as("an event").isNotNull();
            return event;
        }

        /** The values of the next records, as many as wanted. */
        List<String> values(int wanted) throws InterruptedException {
            List<String> values = new ArrayList<>();
            while (values.size() < wanted) {
                next().records().forEach(record -> values.add(record.data().asUtf8String()));
            }
            return values;
        }
    }

    @Test
    void registersDescribesListsAndDeregisters() {
        String arn = streamArn(create(1));

        Consumer made =
                client.registerStreamConsumer(r -> r.streamARN(arn).consumerName("billing"))
                        .join()
                        .consumer();
        client.registerStreamConsumer(r -> r.streamARN(arn).consumerName("audit")).join();

        assertThat(made.consumerARN())
                .isEqualTo(
                        arn
                                + "/consumer/billing:"
                                + made.consumerCreationTimestamp().getEpochSecond());
        assertThat(made.consumerStatus()).isEqualTo(ConsumerStatus.CREATING);
        var byArn =
                client.describeStreamConsumer(r -> r.consumerARN(made.consumerARN()))
                        .join()
                        .consumerDescription();
        var byName =
                client.describeStreamConsumer(r -> r.streamARN(arn).consumerName("billing"))
                        .join()
                        .consumerDescription();
        assertThat(byName).isEqualTo(byArn);
        assertThat(byArn.consumerStatus()).isEqualTo(ConsumerStatus.ACTIVE);
        assertThat(byArn.streamARN()).isEqualTo(arn);
        var first = client.listStreamConsumers(r -> r.streamARN(arn).maxResults(1)).join();
        assertThat(first.consumers()).extracting(Consumer::consumerName).containsExactly("audit");
        assertThat(
                        client.listStreamConsumers(
                                        r -> r.streamARN(arn).nextToken(first.nextToken()))
                                .join()
                                .consumers())
                .extracting(Consumer::consumerName)
                .containsExactly("billing");

        client.deregisterStreamConsumer(r -> r.consumerARN(made.consumerARN())).join();
        assertFails(
                ResourceNotFoundException.class,
                client.describeStreamConsumer(r -> r.consumerARN(made.consumerARN())));
    }

    @Test
    void aStreamWithConsumersIsDeletedOnlyIfThatIsMeant() {
        String stream = create(1);
        String arn = streamArn(stream);
        register(arn, "billing");
        assertFails(
                ResourceInUseException.class,
                client.registerStreamConsumer(r -> r.streamARN(arn).consumerName("billing")));
        assertFails(ResourceInUseException.class, client.deleteStream(r -> r.streamName(stream)));
        client.deleteStream(r -> r.streamName(stream).enforceConsumerDeletion(true)).join();
    }

    @Test
    void aStreamHasABoundedNumberOfConsumers() {
        String arn = streamArn(create(1));
        IntStream.range(0, 50).forEach(i -> register(arn, "c" + i));
        assertFails(
                LimitExceededException.class,
                client.registerStreamConsumer(r -> r.streamARN(arn).consumerName("more")));
    }

    @Test
    void consumersHaveTags() {
        String consumer = register(streamArn(create(1)), "billing");
        client.tagResource(r -> r.resourceARN(consumer).tags(java.util.Map.of("a", "1"))).join();
        assertThat(client.listTagsForResource(r -> r.resourceARN(consumer)).join().tags())
                .singleElement()
                .satisfies(tag -> assertThat(tag.key()).isEqualTo("a"));
    }

    @Test
    void sendsWhatWasThereAndWhatArrives() throws Exception {
        String stream = create(1);
        String consumer = register(streamArn(stream), "billing");
        put(stream, "before");
        Subscription subscription =
                new Subscription(consumer, SHARD_0, at(ShardIteratorType.TRIM_HORIZON));
        assertThat(subscription.values(1)).containsExactly("before");

        for (int i = 0; i < 3; i++) {
            put(stream, "after-" + i);
            assertThat(subscription.values(1)).containsExactly("after-" + i);
        }
    }

    @Test
    void beginsWhereItIsTold() throws Exception {
        String stream = create(1);
        String consumer = register(streamArn(stream), "billing");
        put(stream, "a");
        String number = put(stream, "b");
        put(stream, "c");

        Subscription atNumber =
                new Subscription(
                        consumer,
                        SHARD_0,
                        StartingPosition.builder()
                                .type(ShardIteratorType.AT_SEQUENCE_NUMBER)
                                .sequenceNumber(number)
                                .build());
        assertThat(atNumber.values(2)).containsExactly("b", "c");
        Subscription after =
                new Subscription(
                        register(streamArn(stream), "audit"),
                        SHARD_0,
                        StartingPosition.builder()
                                .type(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                                .sequenceNumber(number)
                                .build());
        assertThat(after.values(1)).containsExactly("c");
        Subscription latest =
                new Subscription(
                        register(streamArn(stream), "late"), SHARD_0, at(ShardIteratorType.LATEST));
        assertThat(latest.next().records()).isEmpty();
        put(stream, "d");
        assertThat(latest.values(1)).containsExactly("d");
    }

    @Test
    void aContinuationOfAnEmptyShardMissesNothing() throws Exception {
        String stream = create(1);
        String arn = streamArn(stream);
        SubscribeToShardEvent first =
                new Subscription(register(arn, "a"), SHARD_0, at(ShardIteratorType.TRIM_HORIZON))
                        .next();
        assertThat(first.records()).isEmpty();
        assertThat(first.millisBehindLatest()).isZero();
        put(stream, "first");

        Subscription continued =
                new Subscription(
                        register(arn, "b"),
                        SHARD_0,
                        StartingPosition.builder()
                                .type(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                                .sequenceNumber(first.continuationSequenceNumber())
                                .build());
        assertThat(continued.values(1)).containsExactly("first");
    }

    @Test
    void aClosedShardEndsWithItsChildren() throws Exception {
        String stream = create(1);
        String consumer = register(streamArn(stream), "billing");
        put(stream, "a");
        Subscription subscription =
                new Subscription(consumer, SHARD_0, at(ShardIteratorType.TRIM_HORIZON));
        assertThat(subscription.values(1)).containsExactly("a");

        client.updateShardCount(r ->
                        r.streamName(stream)
                                .targetShardCount(2)
                                .scalingType(ScalingType.UNIFORM_SCALING))
                .join();

        Set<String> children = new HashSet<>();
        SubscribeToShardEvent last = subscription.next();
        while (!last.hasChildShards()) {
            last = subscription.next();
        }
        for (ChildShard child : last.childShards()) {
            assertThat(child.parentShards()).containsExactly(SHARD_0);
            children.add(child.shardId());
        }
        assertThat(last.continuationSequenceNumber()).isNull();
        assertThat(children)
                .containsExactlyInAnyOrder("shardId-000000000001", "shardId-000000000002");
        subscription.ended.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aSecondSubscriptionTooSoonIsRefused() throws Exception {
        String stream = create(2);
        String consumer = register(streamArn(stream), "billing");
        Subscription first = new Subscription(consumer, SHARD_0, at(ShardIteratorType.LATEST));
        first.next();

        assertFails(
                ResourceInUseException.class,
                new Subscription(consumer, SHARD_0, at(ShardIteratorType.LATEST)).ended);
        refused(stream);
        // Another shard is another subscription.
        new Subscription(consumer, "shardId-000000000001", at(ShardIteratorType.LATEST)).next();
    }

    @Test
    void endsWhenItsConsumerIsDeregistered() throws Exception {
        String stream = create(1);
        String consumer = register(streamArn(stream), "billing");
        Subscription subscription =
                new Subscription(consumer, SHARD_0, at(ShardIteratorType.LATEST));
        subscription.next();

        client.deregisterStreamConsumer(r -> r.consumerARN(consumer)).join();

        assertFails(ResourceNotFoundException.class, subscription.ended);
    }

    @Test
    void refusesWhatIsNotThereOrMakesNoSense() {
        String stream = create(1);
        String arn = streamArn(stream);
        String consumer = register(arn, "billing");
        assertFails(
                ResourceNotFoundException.class,
                new Subscription(
                                arn + "/consumer/nobody:1700000000",
                                SHARD_0,
                                at(ShardIteratorType.LATEST))
                        .ended);
        assertFails(
                ResourceNotFoundException.class,
                new Subscription(consumer, "shardId-000000000007", at(ShardIteratorType.LATEST))
                        .ended);
        assertFails(
                InvalidArgumentException.class,
                new Subscription(consumer, SHARD_0, at(ShardIteratorType.AT_SEQUENCE_NUMBER))
                        .ended);
    }

    @Test
    void largeBatchesComeWholeAndInOrder() throws Exception {
        String stream = create(1);
        String consumer = register(streamArn(stream), "billing");
        String filling = "x".repeat(20_000);
        for (int i = 0; i < 4; i++) {
            int batch = i;
            client.putRecords(r ->
                            r.streamName(stream)
                                    .records(
                                            IntStream.range(0, 100)
                                                    .mapToObj(n ->
                                                            PutRecordsRequestEntry.builder()
                                                                    .partitionKey("k")
                                                                    .data(
                                                                            SdkBytes.fromUtf8String(
                                                                                    (batch * 100
                                                                                                    + n)
                                                                                            + filling))
                                                                    .build())
                                                    .toList()))
                    .join();
        }
        Subscription subscription =
                new Subscription(consumer, SHARD_0, at(ShardIteratorType.TRIM_HORIZON));
        List<String> expected = IntStream.range(0, 400).mapToObj(i -> i + filling).toList();
        assertThat(subscription.values(400)).isEqualTo(expected);
    }

    private String create(int shards) {
        String stream = "fanout-" + UUID.randomUUID();
        client.createStream(r -> r.streamName(stream).shardCount(shards)).join();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() ->
                        client.describeStreamSummary(r -> r.streamName(stream))
                                        .join()
                                        .streamDescriptionSummary()
                                        .streamStatus()
                                == StreamStatus.ACTIVE);
        return stream;
    }

    private String streamArn(String stream) {
        return client.describeStreamSummary(r -> r.streamName(stream))
                .join()
                .streamDescriptionSummary()
                .streamARN();
    }

    private String register(String streamArn, String name) {
        return client.registerStreamConsumer(r -> r.streamARN(streamArn).consumerName(name))
                .join()
                .consumer()
                .consumerARN();
    }

    private String put(String stream, String value) {
        return client.putRecord(r ->
                        r.streamName(stream).partitionKey("k").data(SdkBytes.fromUtf8String(value)))
                .join()
                .sequenceNumber();
    }

    private static StartingPosition at(ShardIteratorType type) {
        return StartingPosition.builder().type(type).build();
    }

    private static void assertFails(Class<? extends Throwable> type, CompletableFuture<?> failing) {
        assertThatThrownBy(() -> failing.orTimeout(20, TimeUnit.SECONDS).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(type);
    }
}
