/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * Producers that put numbered records by key, each the next only after the last one was
 * acknowledged, and a reader of everything. A put that fails after the SDK's own retries is made
 * again: it may be there twice then, as with Kinesis, but a later number never comes before an
 * earlier one.
 */
final class Traffic {

    private final String stream;
    private final Supplier<KinesisClient> clients;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Thread> producers = new ArrayList<>();
    private final ConcurrentLinkedQueue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

    record Acknowledged(String key, int number, String shard, BigInteger sequenceNumber) {}

    Traffic(String stream, Supplier<KinesisClient> clients) {
        this.stream = stream;
        this.clients = clients;
    }

    void start(int threads) {
        for (int i = 0; i < threads; i++) {
            String prefix = "p" + i + "-";
            producers.add(Thread.ofVirtual().start(() -> produce(prefix)));
        }
    }

    int acknowledgedSoFar() {
        return acknowledged.size();
    }

    /** Puts that failed after all of the SDK's retries. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    void stop() throws InterruptedException {
        stop.set(true);
        for (Thread producer : producers) {
            producer.join();
        }
    }

    private void produce(String prefix) {
        try (KinesisClient client = clients.get()) {
            for (int number = 0; !stop.get(); number++) {
                put(client, prefix + number % 13, number);
            }
        }
    }

    private void put(KinesisClient client, String key, int number) {
        while (true) {
            try {
                PutRecordResponse response =
                        client.putRecord(put ->
                                put.streamName(stream).partitionKey(key).data(data(key, number)));
                acknowledged.add(
                        new Acknowledged(
                                key,
                                number,
                                response.shardId(),
                                new BigInteger(response.sequenceNumber())));
                return;
            } catch (SdkException e) {
                failures.add(e.getMessage());
                if (stop.get()) {
                    return;
                }
            }
        }
    }

    private static SdkBytes data(String key, int number) {
        return SdkBytes.fromUtf8String(key + ":" + number);
    }

    /**
     * Reads every shard from its beginning and checks that each acknowledged record is where it
     * belongs.
     */
    void check(KinesisClient client) throws Exception {
        Map<String, Shard> shards = new HashMap<>();
        client.listShards(list -> list.streamName(stream))
                .shards()
                .forEach(shard -> shards.put(shard.shardId(), shard));
        Map<String, Map<BigInteger, Record>> read = new HashMap<>();
        for (Shard shard : shards.values()) {
            read.put(shard.shardId(), readAll(client, shard));
        }
        Map<String, Acknowledged> lastOfKey = new HashMap<>();
        for (Acknowledged put : acknowledged) {
            Shard shard = shards.get(put.shard());
            assertThat(shard).as("shard of %s", put).isNotNull();
            Record record = read.getOrDefault(put.shard(), Map.of()).get(put.sequenceNumber());
            assertThat(record).as("%s is readable in its shard", put).isNotNull();
            assertThat(requireNonNull(record).data().asUtf8String())
                    .isEqualTo(put.key() + ":" + put.number());
            assertThat(put.sequenceNumber())
                    .isGreaterThanOrEqualTo(
                            new BigInteger(
                                    requireNonNull(shard)
                                            .sequenceNumberRange()
                                            .startingSequenceNumber()));
            String end = shard.sequenceNumberRange().endingSequenceNumber();
            if (end != null) {
                assertThat(put.sequenceNumber()).isLessThanOrEqualTo(new BigInteger(end));
            }
            assertThat(covers(shard, put.key()))
                    .as("%s belongs into %s", put.key(), shard)
                    .isTrue();
            Acknowledged before = lastOfKey.get(put.key());
            if (before != null) {
                assertThat(put.number()).isGreaterThan(before.number());
                assertThat(put.sequenceNumber())
                        .as("order of %s", put.key())
                        .isGreaterThan(before.sequenceNumber());
            }
            lastOfKey.put(put.key(), put);
        }
        Set<String> places = new HashSet<>();
        read.forEach((shard, records) ->
                records.keySet()
                        .forEach(number -> assertThat(places.add(number.toString())).isTrue()));
    }

    private static boolean covers(Shard shard, String key) throws Exception {
        BigInteger hash =
                new BigInteger(
                        1,
                        MessageDigest.getInstance("MD5")
                                .digest(key.getBytes(StandardCharsets.UTF_8)));
        return hash.compareTo(new BigInteger(shard.hashKeyRange().startingHashKey())) >= 0
                && hash.compareTo(new BigInteger(shard.hashKeyRange().endingHashKey())) <= 0;
    }

    private Map<BigInteger, Record> readAll(KinesisClient client, Shard shard) {
        Map<BigInteger, Record> records = new HashMap<>();
        String iterator =
                client.getShardIterator(get ->
                                get.streamName(stream)
                                        .shardId(shard.shardId())
                                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                        .shardIterator();
        while (iterator != null) {
            String at = iterator;
            GetRecordsResponse got = client.getRecords(get -> get.shardIterator(at).limit(10_000));
            got.records()
                    .forEach(
                            record -> records.put(new BigInteger(record.sequenceNumber()), record));
            boolean open = shard.sequenceNumberRange().endingSequenceNumber() == null;
            if (open && got.records().isEmpty() && got.millisBehindLatest() == 0) {
                break;
            }
            iterator = got.nextShardIterator();
        }
        return records;
    }
}
