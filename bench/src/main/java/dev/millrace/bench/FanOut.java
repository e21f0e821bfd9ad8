/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Ten consumers of one shard while records are put to it: how many times over the broker sends what
 * it took. Arguments as of {@link Target}.
 */
public final class FanOut {

    private static final int CONSUMERS = 10;
    private static final int RECORD_BYTES = 1_024;
    private static final int BATCH = 100;
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration LENGTH = Duration.ofSeconds(8);
    private static final Duration LAST_AFTER = Duration.ofSeconds(4);

    private final Target target;

    private FanOut(Target target) {
        this.target = target;
    }

    /** One of the ten. */
    private interface Reader {

        /**
         * Reads from now on.
         *
         * @param begun is run when it stands at the end of the shard
         * @return how many records it read until the deadline
         */
        long read(int number, long deadline, Runnable begun) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        new FanOut(Target.of(arguments)).run();
    }

    private void run() throws Exception {
        System.out.printf(
                "%d consumers of one shard; %d records of %d bytes every %d ms%n",
                CONSUMERS, BATCH, RECORD_BYTES, PAUSE.toMillis());
        try (BrokerBytes bytes = BrokerBytes.of(target.pid())) {
            String events = "fan-out-events";
            target.createStream(events, 1);
            List<String> arns = new ArrayList<>();
            for (int i = 0; i < CONSUMERS; i++) {
                arns.add(target.registerConsumer(events, "consumer-" + i));
            }
            LeanReader reader = new LeanReader(target, Prepared.Encoding.CBOR);
            measure(
                    "SubscribeToShard",
                    events,
                    bytes,
                    (number, deadline, begun) ->
                            reader.subscribe(
                                    arns.get(number),
                                    0,
                                    "LATEST",
                                    Long.MAX_VALUE,
                                    deadline,
                                    begun,
                                    (_, _) -> {}));
            String gets = "fan-out-gets";
            target.createStream(gets, 1);
            measure(
                    "GetRecords",
                    gets,
                    bytes,
                    (_, deadline, begun) ->
                            reader.getRecords(gets, 0, "LATEST", deadline, (_, _) -> begun.run()));
            String plain = "fan-out-plain";
            target.createStream(plain, 1);
            measure(
                    "plain consumers",
                    plain,
                    bytes,
                    (_, deadline, begun) -> readPlain(plain, deadline, begun));
        }
    }

    private void measure(String name, String stream, BrokerBytes bytes, Reader reader)
            throws Exception {
        AtomicLong read = new AtomicLong();
        AtomicLong put = new AtomicLong();
        CountDownLatch begun = new CountDownLatch(CONSUMERS);
        long deadline = System.nanoTime() + LENGTH.plus(LAST_AFTER.multipliedBy(2)).toNanos();
        Rounds.inParallel(
                CONSUMERS + 1,
                thread -> {
                    if (thread < CONSUMERS) {
                        AtomicBoolean first = new AtomicBoolean(true);
                        read.addAndGet(
                                reader.read(
                                        thread,
                                        deadline,
                                        () -> {
                                            if (first.getAndSet(false)) {
                                                begun.countDown();
                                            }
                                        }));
                    } else {
                        if (!begun.await(LENGTH.toMillis(), TimeUnit.MILLISECONDS)) {
                            throw new IllegalStateException("Not all consumers began: " + name);
                        }
                        put.addAndGet(put(stream, deadline - LAST_AFTER.toNanos()));
                    }
                });
        long in = bytes.in(stream);
        long out = bytes.out(stream);
        System.out.printf(
                "%-18s %,8d records put; each read %.3f times by a consumer; Kafka took %,.1f MB"
                        + " and sent %,.1f MB: %.2f reads%n",
                name,
                put.get(),
                (double) read.get() / put.get() / CONSUMERS,
                in / 1e6,
                out / 1e6,
                (double) out / in);
    }

    private long put(String stream, long deadline) throws IOException, InterruptedException {
        List<byte[]> requests =
                target.prepared(Prepared.Encoding.CBOR)
                        .putRecords(stream, 8, BATCH, RECORD_BYTES, 1);
        long records = 0;
        try (RawConnection connection = target.connect()) {
            for (int i = 0; System.nanoTime() < deadline; i++) {
                if (!connection.send(requests.get(i % requests.size()))) {
                    throw new IllegalStateException("A put was refused");
                }
                records += BATCH;
                Thread.sleep(PAUSE);
            }
        }
        return records;
    }

    private long readPlain(String topic, long deadline, Runnable begun) {
        long records = 0;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", target.bootstrap()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> mine = List.of(new TopicPartition(topic, 0));
            consumer.assign(mine);
            consumer.seekToEnd(mine);
            consumer.position(mine.getFirst());
            begun.run();
            while (System.nanoTime() < deadline) {
                records += consumer.poll(Duration.ofMillis(100)).count();
            }
        }
        return records;
    }
}
