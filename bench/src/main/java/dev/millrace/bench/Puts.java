/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import dev.millrace.bench.Rounds.Contestant;
import java.nio.charset.StandardCharsets;
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
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;

/**
 * Puts 1 KiB records through the gateway and with Kafka's own producer, on the same brokers with
 * the same durability (acks=all), in turn; then single puts. Arguments as of {@link Target}.
 */
public final class Puts {

    private static final int ROUNDS = 5;
    private static final int THREADS = 4;
    private static final int PARTITIONS = 4;
    private static final int RECORD_BYTES = 1_024;
    private static final int BATCH = 500;
    private static final int PREPARED = 8;
    private static final Duration ROUND = Duration.ofSeconds(3);
    private static final String STREAM = "bench";
    private static final String PLAIN_TOPIC = "bench-plain";

    private final Target target;
    private final byte[] data = new byte[RECORD_BYTES];

    private Puts(Target target) {
        this.target = target;
        new Random(1).nextBytes(data);
    }

    public static void main(String[] arguments) throws Exception {
        new Puts(Target.of(arguments)).run();
    }

    private void run() throws Exception {
        target.createStream(STREAM, PARTITIONS);
        try (Admin admin = target.admin()) {
            admin.createTopics(List.of(new NewTopic(PLAIN_TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        Rounds rounds = new Rounds(ROUNDS, ROUND);
        System.out.printf(
                "%s; %d threads, %d shards, records of %d bytes%n",
                rounds.describe(), THREADS, PARTITIONS, RECORD_BYTES);
        List<List<byte[]>> json = prepare(Prepared.Encoding.JSON);
        List<List<byte[]>> cbor = prepare(Prepared.Encoding.CBOR);
        rounds.compare(
                "PutRecords of " + BATCH,
                List.of(
                        contestant("gateway, JSON, requests signed beforehand", put(json)),
                        contestant("gateway, CBOR, requests signed beforehand", put(cbor)),
                        contestant("gateway, AWS SDK for Java (CBOR)", this::putBySdk),
                        contestant("plain producer", this::putPlain)));
        new SinglePuts(target.endpoint(), target.prepared(Prepared.Encoding.JSON)).run(STREAM);
    }

    private Contestant contestant(String name, Rounds.Work work) {
        return new Contestant(name, target.pid(), work);
    }

    /** The requests of each thread. */
    private List<List<byte[]>> prepare(Prepared.Encoding encoding) {
        Prepared prepared = target.prepared(encoding);
        return IntStream.range(0, THREADS)
                .mapToObj(i -> prepared.putRecords(STREAM, PREPARED, BATCH, RECORD_BYTES, i))
                .toList();
    }

    private Rounds.Work put(List<List<byte[]>> requests) {
        return deadline -> {
            AtomicLong records = new AtomicLong();
            Rounds.inParallel(
                    THREADS,
                    thread -> {
                        try (RawConnection connection = target.connect()) {
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

    private long putBySdk(long deadline) throws Exception {
        AtomicLong records = new AtomicLong();
        Rounds.inParallel(
                THREADS,
                thread -> {
                    try (KinesisClient client = target.kinesis()) {
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
                                    client.putRecords(p -> p.streamName(STREAM).records(batch));
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
                                target.bootstrap(),
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
                                byte[] key = (thread + "-" + i).getBytes(StandardCharsets.UTF_8);
                                sent.add(
                                        producer.send(
                                                new ProducerRecord<>(PLAIN_TOPIC, key, data)));
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

    private static void await(Future<RecordMetadata> sent) throws InterruptedException {
        try {
            sent.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("A plain put failed", e.getCause());
        }
    }
}
