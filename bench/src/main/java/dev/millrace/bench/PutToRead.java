/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * How long a record takes from its put to its reader: one record every 5 ms, and the time from
 * before the put until the reader has it. Arguments as of {@link SideBySide}.
 */
public final class PutToRead {

    private static final int WARM_UP = 1_000;
    private static final int RECORDS = 3_000;
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final int RECORD_BYTES = 1_024;
    private static final String SHARD = "shardId-000000000000";

    private final URI endpoint;
    private final String bootstrap;
    private final StaticCredentialsProvider credentials;

    private PutToRead(String[] arguments) {
        this.endpoint = URI.create(arguments[0]);
        this.bootstrap = arguments[1];
        this.credentials =
                StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(arguments[3], arguments[4]));
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 5) {
            System.err.println("usage: bench/run put-to-read (it calls this)");
            System.exit(2);
        }
        new PutToRead(arguments).run();
    }

    /** Takes the times at which records were put, out of the records that come. */
    private static final class Times {
        private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
        private final CountDownLatch left = new CountDownLatch(WARM_UP + RECORDS);

        void seen(ByteBuffer record) {
            nanos.add(System.nanoTime() - record.getLong(record.position()));
            left.countDown();
        }

        void print(String name) throws InterruptedException {
            if (!left.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException(left.getCount() + " records never came: " + name);
            }
            long[] all = nanos.stream().skip(WARM_UP).mapToLong(Long::longValue).toArray();
            Arrays.sort(all);
            System.out.printf(
                    "%-48s p50 %6.2f ms, p99 %6.2f ms, longest %4.0f ms%n",
                    name,
                    all[all.length / 2] / 1e6,
                    all[all.length * 99 / 100] / 1e6,
                    all[all.length - 1] / 1e6);
        }
    }

    private interface Put {
        void put(byte[] record) throws Exception;
    }

    private void run() throws Exception {
        try (KinesisClient client = kinesis()) {
            client.createStream(create -> create.streamName("latency").shardCount(1));
            client.waiter().waitUntilStreamExists(describe -> describe.streamName("latency"));
            System.out.printf(
                    "%d records of %d bytes, one every %d ms; from before the put to its reader%n",
                    RECORDS, RECORD_BYTES, PAUSE.toMillis());
            Put put =
                    record ->
                            client.putRecord(r ->
                                    r.streamName("latency")
                                            .partitionKey("k")
                                            .data(SdkBytes.fromByteArrayUnsafe(record)));
            subscribe(client, put);
            poll(put);
        }
        plain();
    }

    private void subscribe(KinesisClient client, Put put) throws Exception {
        Times times = new Times();
        String arn =
                client.describeStreamSummary(r -> r.streamName("latency"))
                        .streamDescriptionSummary()
                        .streamARN();
        String consumer =
                client.registerStreamConsumer(r -> r.streamARN(arn).consumerName("bench"))
                        .consumer()
                        .consumerARN();
        CountDownLatch begun = new CountDownLatch(1);
        try (KinesisAsyncClient async = async()) {
            CompletableFuture<Void> subscription =
                    async.subscribeToShard(
                            r ->
                                    r.consumerARN(consumer)
                                            .shardId(SHARD)
                                            .startingPosition(
                                                    p -> p.type(ShardIteratorType.LATEST)),
                            SubscribeToShardResponseHandler.builder()
                                    .subscriber(
                                            SubscribeToShardResponseHandler.Visitor.builder()
                                                    .onSubscribeToShardEvent(event -> {
                                                        begun.countDown();
                                                        for (Record record : event.records()) {
                                                            times.seen(
                                                                    record.data().asByteBuffer());
                                                        }
                                                    })
                                                    .build())
                                    .build());
            begun.await();
            putAll(put);
            times.print("gateway, SubscribeToShard (AWS SDK, HTTP/2)");
            subscription.cancel(true);
        }
    }

    private void poll(Put put) throws Exception {
        Times times = new Times();
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        Thread reader =
                Thread.ofPlatform()
                        .start(() -> {
                            try (KinesisClient client = kinesis()) {
                                String iterator =
                                        client.getShardIterator(r ->
                                                        r.streamName("latency")
                                                                .shardId(SHARD)
                                                                .shardIteratorType("LATEST"))
                                                .shardIterator();
                                begun.countDown();
                                while (!done.get()) {
                                    String at = iterator;
                                    GetRecordsResponse got =
                                            client.getRecords(r -> r.shardIterator(at));
                                    for (Record record : got.records()) {
                                        times.seen(record.data().asByteBuffer());
                                    }
                                    iterator = got.nextShardIterator();
                                }
                            }
                        });
        begun.await();
        putAll(put);
        times.print("gateway, GetRecords in a loop (AWS SDK)");
        done.set(true);
        reader.join();
    }

    private void plain() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic("latency-plain", 1, (short) 1))).all().get();
        }
        Times times = new Times();
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        Thread reader =
                Thread.ofPlatform()
                        .start(() -> {
                            try (KafkaConsumer<byte[], byte[]> consumer =
                                    new KafkaConsumer<>(
                                            Map.of("bootstrap.servers", bootstrap),
                                            new ByteArrayDeserializer(),
                                            new ByteArrayDeserializer())) {
                                List<TopicPartition> mine =
                                        List.of(new TopicPartition("latency-plain", 0));
                                consumer.assign(mine);
                                consumer.seekToBeginning(mine);
                                begun.countDown();
                                while (!done.get()) {
                                    for (ConsumerRecord<byte[], byte[]> record :
                                            consumer.poll(PAUSE.multipliedBy(10))) {
                                        times.seen(ByteBuffer.wrap(record.value()));
                                    }
                                }
                            }
                        });
        begun.await();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", bootstrap, "acks", "all", "linger.ms", 0),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            putAll(record -> producer.send(new ProducerRecord<>("latency-plain", record)).get());
        }
        times.print("plain producer and consumer");
        done.set(true);
        reader.join();
    }

    private static void putAll(Put put) throws Exception {
        for (int i = 0; i < WARM_UP + RECORDS; i++) {
            byte[] record = new byte[RECORD_BYTES];
            ByteBuffer.wrap(record).putLong(System.nanoTime());
            put.put(record);
            Thread.sleep(PAUSE);
        }
    }

    private KinesisClient kinesis() {
        return KinesisClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private KinesisAsyncClient async() {
        return KinesisAsyncClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(credentials)
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP2))
                .build();
    }
}
