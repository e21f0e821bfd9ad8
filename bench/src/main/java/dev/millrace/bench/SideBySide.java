/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import dev.millrace.bench.Rounds.Contestant;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * Puts and reads 1 KiB records through the gateway with the AWS SDK, and with Kafka's own clients,
 * on the same brokers with the same durability (acks=all), in turn. Arguments: ENDPOINT BOOTSTRAP
 * SERVER_PID ACCESS_KEY SECRET.
 */
public final class SideBySide {

    private static final int ROUNDS = 5;
    private static final int THREADS = 4;
    private static final int PARTITIONS = 4;
    private static final int RECORD_BYTES = 1_024;
    private static final int BATCH = 500;
    private static final int PREPARED = 8;
    private static final Duration ROUND = Duration.ofSeconds(4);

    private final URI endpoint;
    private final String bootstrap;
    private final long serverPid;
    private final StaticCredentialsProvider credentials;
    private final byte[] data = new byte[RECORD_BYTES];

    private SideBySide(String[] arguments) {
        this.endpoint = URI.create(arguments[0]);
        this.bootstrap = arguments[1];
        this.serverPid = Long.parseLong(arguments[2]);
        this.credentials =
                StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(arguments[3], arguments[4]));
        new Random(1).nextBytes(data);
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 5) {
            System.err.println("usage: bench/run (it calls this)");
            System.exit(2);
        }
        new SideBySide(arguments).run();
    }

    private void run() throws Exception {
        try (KinesisClient client = kinesis();
                Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            client.createStream(create -> create.streamName("bench").shardCount(PARTITIONS));
            client.waiter().waitUntilStreamExists(describe -> describe.streamName("bench"));
            admin.createTopics(List.of(new NewTopic("bench-plain", PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        System.out.printf(
                "%d rounds of %d s each, in turn; %d threads, %d shards, records of %d bytes; %d processors%n",
                ROUNDS,
                ROUND.toSeconds(),
                THREADS,
                PARTITIONS,
                RECORD_BYTES,
                Runtime.getRuntime().availableProcessors());
        Rounds rounds = new Rounds(ROUNDS, ROUND);
        List<List<byte[]>> json = prepare(Prepared.Encoding.JSON);
        List<List<byte[]>> cbor = prepare(Prepared.Encoding.CBOR);
        rounds.compare(
                "PutRecords of " + BATCH,
                List.of(
                        ours("gateway, JSON, requests signed beforehand", put(json)),
                        ours("gateway, CBOR, requests signed beforehand", put(cbor)),
                        ours("gateway, AWS SDK for Java (CBOR)", this::putThroughGateway),
                        ours("plain producer", this::putPlain)));
        new SinglePuts(endpoint, prepared(Prepared.Encoding.JSON)).run("bench");
        rounds.compare(
                "reads",
                List.of(
                        ours("gateway, AWS SDK for Java (CBOR)", this::readThroughGateway),
                        ours("plain consumer", this::readPlain)));
    }

    private Contestant ours(String name, Rounds.Work work) {
        return new Contestant(name, serverPid, work);
    }

    private Prepared prepared(Prepared.Encoding encoding) {
        return new Prepared(
                endpoint,
                AwsCredentialsIdentity.create(
                        credentials.resolveCredentials().accessKeyId(),
                        credentials.resolveCredentials().secretAccessKey()),
                encoding);
    }

    /** The requests of each thread. */
    private List<List<byte[]>> prepare(Prepared.Encoding encoding) {
        return IntStream.range(0, THREADS)
                .mapToObj(i ->
                        prepared(encoding).putRecords("bench", PREPARED, BATCH, RECORD_BYTES, i))
                .toList();
    }

    private Rounds.Work put(List<List<byte[]>> requests) {
        return deadline -> {
            AtomicLong records = new AtomicLong();
            Rounds.inParallel(
                    THREADS,
                    thread -> {
                        try (RawConnection connection = new RawConnection(endpoint)) {
                            for (int i = 0; System.nanoTime() < deadline; i++) {
                                if (!connection.send(requests.get(thread).get(i % PREPARED))) {
                                    throw new IllegalStateException("A put was refused");
                                }
                                records.addAndGet(BATCH);
                            }
                        }
                    });
            return records.get();
        };
    }

    private KinesisClient kinesis() {
        return KinesisClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private long putThroughGateway(long deadline) throws Exception {
        AtomicLong records = new AtomicLong();
        Rounds.inParallel(
                THREADS,
                thread -> {
                    try (KinesisClient client = kinesis()) {
                        List<PutRecordsRequestEntry> batch =
                                IntStream.range(0, BATCH)
                                        .mapToObj(i ->
                                                PutRecordsRequestEntry.builder()
                                                        .partitionKey(thread + "-" + i)
                                                        .data(SdkBytes.fromByteArrayUnsafe(data))
                                                        .build())
                                        .toList();
                        while (System.nanoTime() < deadline) {
                            PutRecordsResponse put =
                                    client.putRecords(p -> p.streamName("bench").records(batch));
                            records.addAndGet(BATCH - put.failedRecordCount());
                        }
                    }
                });
        return records.get();
    }

    private long putPlain(long deadline) throws Exception {
        AtomicLong records = new AtomicLong();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrap,
                                "acks",
                                "all",
                                "linger.ms",
                                5,
                                "batch.size",
                                131_072),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            Rounds.inParallel(
                    THREADS,
                    thread -> {
                        while (System.nanoTime() < deadline) {
                            List<Future<RecordMetadata>> sent = new ArrayList<>(BATCH);
                            for (int i = 0; i < BATCH; i++) {
                                byte[] key =
                                        (thread + "-" + i)
                                                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
                                sent.add(
                                        producer.send(
                                                new ProducerRecord<>("bench-plain", key, data)));
                            }
                            for (Future<RecordMetadata> one : sent) {
                                await(one);
                            }
                            records.addAndGet(BATCH);
                        }
                    });
        }
        return records.get();
    }

    private long readThroughGateway(long deadline) throws Exception {
        AtomicLong records = new AtomicLong();
        Rounds.inParallel(
                THREADS,
                thread -> {
                    try (KinesisClient client = kinesis()) {
                        Shard shard =
                                client.listShards(list -> list.streamName("bench"))
                                        .shards()
                                        .get(thread);
                        String iterator = "";
                        while (System.nanoTime() < deadline) {
                            if (iterator.isEmpty()) {
                                iterator =
                                        client.getShardIterator(get ->
                                                        get.streamName("bench")
                                                                .shardId(shard.shardId())
                                                                .shardIteratorType(
                                                                        ShardIteratorType
                                                                                .TRIM_HORIZON))
                                                .shardIterator();
                            }
                            String at = iterator;
                            GetRecordsResponse got =
                                    client.getRecords(get -> get.shardIterator(at));
                            records.addAndGet(got.records().size());
                            iterator = got.records().isEmpty() ? "" : got.nextShardIterator();
                        }
                    }
                });
        return records.get();
    }

    private long readPlain(long deadline) throws Exception {
        AtomicLong records = new AtomicLong();
        Rounds.inParallel(
                THREADS,
                thread -> {
                    try (KafkaConsumer<byte[], byte[]> consumer =
                            new KafkaConsumer<>(
                                    Map.of(
                                            "bootstrap.servers",
                                            bootstrap,
                                            "max.poll.records",
                                            10_000),
                                    new ByteArrayDeserializer(),
                                    new ByteArrayDeserializer())) {
                        List<TopicPartition> mine =
                                List.of(new TopicPartition("bench-plain", thread));
                        consumer.assign(mine);
                        consumer.seekToBeginning(mine);
                        while (System.nanoTime() < deadline) {
                            int got = consumer.poll(Duration.ofMillis(100)).count();
                            records.addAndGet(got);
                            if (got == 0) {
                                consumer.seekToBeginning(mine);
                            }
                        }
                    }
                });
        return records.get();
    }

    private static void await(Future<RecordMetadata> sent) {
        try {
            sent.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("A plain put failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }
}
