/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * How long a record takes from its put to its reader: one record every 5 ms, and the time from
 * before the put until the reader has it. Arguments as of {@link Target}.
 */
public final class PutToRead {

    private static final int WARM_UP = 1_000;
    private static final int RECORDS = 3_000;
    private static final int ALL = WARM_UP + RECORDS;
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final Duration AT_MOST = Duration.ofMinutes(2);
    private static final int RECORD_BYTES = 1_024;

    private final Target target;

    private PutToRead(Target target) {
        this.target = target;
    }

    public static void main(String[] arguments) throws Exception {
        new PutToRead(Target.of(arguments)).run();
    }

    /** When each record was put, was acknowledged, and came to its reader. Records have numbers. */
    private static final class Times {
        private final AtomicLongArray put = new AtomicLongArray(ALL);
        private final AtomicLongArray acknowledged = new AtomicLongArray(ALL);
        private final AtomicLongArray seen = new AtomicLongArray(ALL);
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch left = new CountDownLatch(ALL);

        void seen(ByteBuffer record) {
            seen(record.getLong(record.position()));
        }

        void seen(long number) {
            if (seen.compareAndSet((int) number, 0, System.nanoTime())) {
                left.countDown();
            }
        }

        boolean done() {
            return left.getCount() == 0;
        }

        void print(String name) throws InterruptedException {
            if (!left.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException(left.getCount() + " records never came: " + name);
            }
            long[] toReader = new long[RECORDS];
            long[] toAnswer = new long[RECORDS];
            for (int i = 0; i < RECORDS; i++) {
                toReader[i] = seen.get(WARM_UP + i) - put.get(WARM_UP + i);
                toAnswer[i] = acknowledged.get(WARM_UP + i) - put.get(WARM_UP + i);
            }
            System.out.printf(
                    "%-44s to reader %s; put alone %s%n", name, of(toReader), of(toAnswer));
        }

        private static String of(long[] nanos) {
            Arrays.sort(nanos);
            return "p50 %5.2f ms, p99 %5.2f ms"
                    .formatted(nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 99 / 100] / 1e6);
        }
    }

    private interface Put {
        void put(int number) throws Exception;
    }

    private interface Reader {
        /** Reads until all records came; says when it has begun. */
        void read(String stream, Times times) throws Exception;
    }

    private void run() throws Exception {
        System.out.printf(
                "%d records of %d bytes, one every %d ms; from before the put; %d processors%n",
                RECORDS,
                RECORD_BYTES,
                PAUSE.toMillis(),
                Runtime.getRuntime().availableProcessors());
        lean("SubscribeToShard, lean clients", "latency-events", this::subscribe);
        lean("GetRecords in a loop, lean clients", "latency-gets", this::getRecords);
        bySdk("SubscribeToShard, AWS SDK (HTTP/2)", "latency-sdk-events", this::subscribeBySdk);
        bySdk("GetRecords in a loop, AWS SDK", "latency-sdk-gets", this::getRecordsBySdk);
        plain();
    }

    private void lean(String name, String stream, Reader reader) throws Exception {
        target.createStream(stream, 1);
        List<byte[]> requests =
                target.prepared(Prepared.Encoding.CBOR).putNumbered(stream, ALL, RECORD_BYTES);
        try (RawConnection connection = target.connect()) {
            measure(
                    name,
                    stream,
                    reader,
                    number -> {
                        if (!connection.send(requests.get(number))) {
                            throw new IllegalStateException("A put was refused");
                        }
                    });
        }
    }

    private void bySdk(String name, String stream, Reader reader) throws Exception {
        target.createStream(stream, 1);
        try (KinesisClient client = target.kinesis()) {
            measure(
                    name,
                    stream,
                    reader,
                    number ->
                            client.putRecord(r ->
                                    r.streamName(stream)
                                            .partitionKey("k")
                                            .data(SdkBytes.fromByteArrayUnsafe(data(number)))));
        }
    }

    private void measure(String name, String stream, Reader reader, Put put) throws Exception {
        Times times = new Times();
        Rounds.inParallel(
                2,
                thread -> {
                    if (thread == 0) {
                        reader.read(stream, times);
                    } else {
                        if (!times.begun.await(30, TimeUnit.SECONDS)) {
                            throw new IllegalStateException("The reader did not begin: " + name);
                        }
                        for (int i = 0; i < ALL; i++) {
                            times.put.set(i, System.nanoTime());
                            put.put(i);
                            times.acknowledged.set(i, System.nanoTime());
                            Thread.sleep(PAUSE);
                        }
                    }
                });
        times.print(name);
    }

    private void subscribe(String stream, Times times) throws Exception {
        new LeanReader(target, Prepared.Encoding.CBOR)
                .subscribe(
                        target.registerConsumer(stream, "bench"),
                        0,
                        "LATEST",
                        ALL,
                        System.nanoTime() + AT_MOST.toNanos(),
                        times.begun::countDown,
                        (body, length) -> seen(body, length, times));
    }

    private void getRecords(String stream, Times times) throws Exception {
        LeanReader reader = new LeanReader(target, Prepared.Encoding.CBOR);
        long until = System.nanoTime() + AT_MOST.toNanos();
        try {
            reader.getRecords(
                    stream,
                    0,
                    "LATEST",
                    until,
                    (body, length) -> {
                        times.begun.countDown();
                        seen(body, length, times);
                        if (times.done()) {
                            throw Done.DONE;
                        }
                    });
        } catch (Done _) {
            // All came.
        }
    }

    /** Ends a reader that would go on. */
    private static final class Done extends RuntimeException {
        private static final Done DONE = new Done();

        private Done() {
            super(null, null, false, false);
        }
    }

    private static final byte[] DATA = "Data".getBytes(StandardCharsets.US_ASCII);
    private static final int TWO_BYTE_LENGTH = 0x59;

    /** Takes the numbers that the data of CBOR records begin with. */
    private static void seen(byte[] body, int length, Times times) {
        int end = length - RECORD_BYTES;
        for (int i = 0; i < end; i++) {
            if (body[i] == DATA[0]
                    && Arrays.equals(body, i, i + DATA.length, DATA, 0, DATA.length)
                    && body[i + DATA.length] == TWO_BYTE_LENGTH) {
                times.seen(ByteBuffer.wrap(body, i + DATA.length + 3, Long.BYTES));
                i += RECORD_BYTES;
            }
        }
    }

    private void subscribeBySdk(String stream, Times times) throws Exception {
        String consumer = target.registerConsumer(stream, "bench");
        try (KinesisAsyncClient async = target.kinesisAsync()) {
            CompletableFuture<Void> subscription =
                    async.subscribeToShard(
                            r ->
                                    r.consumerARN(consumer)
                                            .shardId(Target.shardId(0))
                                            .startingPosition(
                                                    p -> p.type(ShardIteratorType.LATEST)),
                            SubscribeToShardResponseHandler.builder()
                                    .subscriber(
                                            SubscribeToShardResponseHandler.Visitor.builder()
                                                    .onSubscribeToShardEvent(event -> {
                                                        times.begun.countDown();
                                                        for (Record record : event.records()) {
                                                            times.seen(
                                                                    record.data().asByteBuffer());
                                                        }
                                                    })
                                                    .build())
                                    .build());
            if (!times.left.await(AT_MOST.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException(times.left.getCount() + " records never came");
            }
            subscription.cancel(true);
        }
    }

    private void getRecordsBySdk(String stream, Times times) {
        try (KinesisClient client = target.kinesis()) {
            String iterator =
                    client.getShardIterator(r ->
                                    r.streamName(stream)
                                            .shardId(Target.shardId(0))
                                            .shardIteratorType(ShardIteratorType.LATEST))
                            .shardIterator();
            times.begun.countDown();
            while (!times.done()) {
                String at = iterator;
                GetRecordsResponse got = client.getRecords(r -> r.shardIterator(at));
                got.records().forEach(record -> times.seen(record.data().asByteBuffer()));
                iterator = got.nextShardIterator();
            }
        }
    }

    private void plain() throws Exception {
        String topic = "latency-plain";
        try (Admin admin = target.admin()) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                target.bootstrap(),
                                "acks",
                                "all",
                                "linger.ms",
                                0),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            measure(
                    "plain producer and consumer",
                    topic,
                    this::readPlain,
                    number -> producer.send(new ProducerRecord<>(topic, data(number))).get());
        }
    }

    private void readPlain(String topic, Times times) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", target.bootstrap()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> mine = List.of(new TopicPartition(topic, 0));
            consumer.assign(mine);
            consumer.seekToBeginning(mine);
            consumer.position(mine.getFirst());
            times.begun.countDown();
            while (!times.done()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    times.seen(ByteBuffer.wrap(record.value()));
                }
            }
        }
    }

    private static byte[] data(long number) {
        return ByteBuffer.allocate(RECORD_BYTES).putLong(number).array();
    }
}
