/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import dev.millrace.bench.Prepared.Encoding;
import dev.millrace.bench.Rounds.Contestant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * Reads a stream that is there, from its beginning, one thread a shard: by GetRecords and
 * SubscribeToShard, and with Kafka's own consumer from the very same topic, in turn. Arguments as
 * of {@link Target}.
 */
public final class Reads {

    private static final int ROUNDS = 5;
    private static final int SHARDS = 4;
    private static final int RECORD_BYTES = 1_024;
    private static final int BATCH = 500;
    private static final int BATCHES = 1_600;
    private static final int CONSUMERS = 16;
    private static final Duration ROUND = Duration.ofSeconds(2);
    private static final String STREAM = "bench-reads";
    private static final String FROM = "TRIM_HORIZON";

    private final Target target;
    private final List<String> consumers = new ArrayList<>();
    private final AtomicInteger subscriptions = new AtomicInteger();

    /** How many records each shard has. */
    private final long[] ends = new long[SHARDS];

    private Reads(Target target) {
        this.target = target;
    }

    public static void main(String[] arguments) throws Exception {
        new Reads(Target.of(arguments)).run();
    }

    private void run() throws Exception {
        fill();
        Rounds rounds = new Rounds(ROUNDS, ROUND);
        System.out.printf(
                "%s; %d shards and threads, %,d records of %d bytes%n",
                rounds.describe(), SHARDS, BATCHES * BATCH, RECORD_BYTES);
        rounds.compare(
                "reads from the beginning",
                List.of(
                        contestant("GetRecords, JSON, lean client", getRecords(Encoding.JSON)),
                        contestant("GetRecords, CBOR, lean client", getRecords(Encoding.CBOR)),
                        contestant("GetRecords, AWS SDK for Java (CBOR)", this::getRecordsBySdk),
                        contestant("SubscribeToShard, JSON, lean client", subscribe(Encoding.JSON)),
                        contestant("SubscribeToShard, CBOR, lean client", subscribe(Encoding.CBOR)),
                        contestant("SubscribeToShard, AWS SDK (HTTP/2)", this::subscribeBySdk),
                        contestant("plain consumer of the same topic", this::readPlain)));
    }

    private Contestant contestant(String name, Rounds.Work work) {
        return new Contestant(name, target.pid(), work);
    }

    private void fill() throws Exception {
        target.createStream(STREAM, SHARDS);
        for (int i = 0; i < CONSUMERS; i++) {
            consumers.add(target.registerConsumer(STREAM, "reader-" + i));
        }
        List<byte[]> requests =
                target.prepared(Encoding.CBOR).putRecords(STREAM, 8, BATCH, RECORD_BYTES, 1);
        try (RawConnection connection = target.connect()) {
            for (int i = 0; i < BATCHES; i++) {
                if (!connection.send(requests.get(i % requests.size()))) {
                    throw new IllegalStateException("A put was refused");
                }
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            for (int i = 0; i < SHARDS; i++) {
                TopicPartition partition = new TopicPartition(STREAM, i);
                ends[i] =
                        Objects.requireNonNull(
                                consumer.endOffsets(List.of(partition)).get(partition));
            }
        }
    }

    private Rounds.Work getRecords(Encoding encoding) {
        LeanReader reader = new LeanReader(target, encoding);
        return deadline -> {
            AtomicLong records = new AtomicLong();
            Rounds.inParallel(
                    SHARDS,
                    shard ->
                            records.addAndGet(
                                    reader.getRecords(
                                            STREAM, shard, FROM, deadline, (_, _) -> {})));
            return records.get();
        };
    }

    private Rounds.Work subscribe(Encoding encoding) {
        LeanReader reader = new LeanReader(target, encoding);
        return deadline -> {
            AtomicLong records = new AtomicLong();
            Rounds.inParallel(
                    SHARDS,
                    shard -> {
                        while (System.nanoTime() < deadline) {
                            records.addAndGet(
                                    reader.subscribe(
                                            nextConsumer(),
                                            shard,
                                            FROM,
                                            ends[shard],
                                            deadline,
                                            () -> {},
                                            (_, _) -> {}));
                        }
                    });
            return records.get();
        };
    }

    /** A consumer cannot subscribe again at once, so they take turns. */
    private String nextConsumer() {
        return consumers.get(subscriptions.getAndIncrement() % CONSUMERS);
    }

    private long subscribeBySdk(long deadline) throws Exception {
        AtomicLong records = new AtomicLong();
        try (KinesisAsyncClient client = target.kinesisAsync()) {
            Rounds.inParallel(
                    SHARDS,
                    shard -> {
                        while (System.nanoTime() < deadline) {
                            records.addAndGet(subscribeBySdk(client, shard, deadline));
                        }
                    });
        }
        return records.get();
    }

    private long subscribeBySdk(KinesisAsyncClient client, int shard, long deadline)
            throws InterruptedException {
        AtomicLong records = new AtomicLong();
        CompletableFuture<Void> over = new CompletableFuture<>();
        String consumer = nextConsumer();
        CompletableFuture<Void> subscription =
                client.subscribeToShard(
                        r ->
                                r.consumerARN(consumer)
                                        .shardId(Target.shardId(shard))
                                        .startingPosition(p -> p.type(FROM)),
                        SubscribeToShardResponseHandler.builder()
                                .onError(over::completeExceptionally)
                                .subscriber(
                                        SubscribeToShardResponseHandler.Visitor.builder()
                                                .onSubscribeToShardEvent(event -> {
                                                    long so =
                                                            records.addAndGet(
                                                                    event.records().size());
                                                    if (so >= ends[shard]
                                                            || System.nanoTime() >= deadline) {
                                                        over.complete(null);
                                                    }
                                                })
                                                .build())
                                .build());
        over.join();
        subscription.cancel(true);
        return records.get();
    }

    private long getRecordsBySdk(long deadline) throws Exception {
        AtomicLong records = new AtomicLong();
        Rounds.inParallel(
                SHARDS,
                shard -> {
                    try (KinesisClient client = target.kinesis()) {
                        String iterator = "";
                        while (System.nanoTime() < deadline) {
                            if (iterator.isEmpty()) {
                                iterator =
                                        client.getShardIterator(get ->
                                                        get.streamName(STREAM)
                                                                .shardId(Target.shardId(shard))
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

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", target.bootstrap(), "max.poll.records", 10_000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private long readPlain(long deadline) throws Exception {
        AtomicLong records = new AtomicLong();
        Rounds.inParallel(
                SHARDS,
                shard -> {
                    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
                        TopicPartition mine = new TopicPartition(STREAM, shard);
                        consumer.assign(List.of(mine));
                        consumer.seekToBeginning(List.of(mine));
                        while (System.nanoTime() < deadline) {
                            records.addAndGet(consumer.poll(Duration.ofMillis(100)).count());
                            if (consumer.position(mine) >= ends[shard]) {
                                consumer.seekToBeginning(List.of(mine));
                            }
                        }
                    }
                });
        return records.get();
    }
}
