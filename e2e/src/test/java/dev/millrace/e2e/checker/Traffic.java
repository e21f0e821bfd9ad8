/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e.checker;

import dev.millrace.e2e.checker.Journal.Acknowledged;
import dev.millrace.e2e.checker.Journal.Sent;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;

/**
 * Producers that put numbered records by key, half of them by PutRecord and half by PutRecords, the
 * next of a key only after its last one was acknowledged. A put that fails after the SDK's own
 * retries is made again: it may be there twice then, as with Kinesis, but a later number is never
 * acknowledged before an earlier one.
 */
public final class Traffic {

    private static final int BATCH = 10;

    private final String stream;
    private final Supplier<KinesisClient> clients;
    private final Settings settings;
    private final Journal journal = new Journal();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Thread> producers = new ArrayList<>();

    /**
     * What is put.
     *
     * @param pause of a producer after each request
     */
    public record Settings(Keys keys, int bytes, Duration pause) {
        /** Small records, as fast as they are acknowledged. */
        public static final Settings BY_DEFAULT =
                new Settings(Keys.spread(13), 0, Duration.ofMillis(5));
    }

    /**
     * Puts nothing before it is started.
     *
     * @param clients makes a client of each producer, with {@link #interceptor()} on it
     */
    public Traffic(String stream, Supplier<KinesisClient> clients, Settings settings) {
        this.stream = stream;
        this.clients = clients;
        this.settings = settings;
    }

    /** Counts how often a client sends, so that duplicates can be told from retries. */
    public static ExecutionInterceptor interceptor() {
        return new Attempts.Interceptor();
    }

    public void start(int threads) {
        for (int i = 0; i < threads; i++) {
            Producer producer = new Producer("p" + i);
            boolean batches = i % 2 == 1;
            producers.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                if (batches) {
                                    producer.putBatches();
                                } else {
                                    producer.putSingly();
                                }
                            }));
        }
    }

    public Journal journal() {
        return journal;
    }

    public void stop() throws InterruptedException {
        stop.set(true);
        for (Thread producer : producers) {
            producer.join();
        }
    }

    /** Stops, reads everything and compares. */
    public Verdict check(KinesisClient reader) throws InterruptedException {
        stop();
        return Checker.check(journal, Contents.of(reader, stream));
    }

    private final class Producer {
        private final String name;
        private final Map<String, Integer> numbers = new HashMap<>();
        private int turn;

        Producer(String name) {
            this.name = name;
        }

        void putSingly() {
            try (KinesisClient client = clients.get()) {
                while (!stop.get()) {
                    put(client, next());
                    pause();
                }
            }
        }

        void putBatches() {
            try (KinesisClient client = clients.get()) {
                while (!stop.get()) {
                    // A key once a batch, or a record could be put before the one before it.
                    Map<String, Pending> batch = new HashMap<>();
                    for (int i = 0; i < BATCH; i++) {
                        Keys.Key key = settings.keys().next(name, turn++);
                        if (!batch.containsKey(key.name())) {
                            batch.put(key.name(), number(key));
                        }
                    }
                    putAll(client, new ArrayList<>(batch.values()));
                    pause();
                }
            }
        }

        private Pending next() {
            return number(settings.keys().next(name, turn++));
        }

        private Pending number(Keys.Key key) {
            return new Pending(key, numbers.merge(key.name(), 1, Integer::sum) - 1);
        }

        private void put(KinesisClient client, Pending pending) {
            while (true) {
                Attempts attempts = new Attempts();
                try {
                    PutRecordResponse response =
                            client.putRecord(put ->
                                    put.streamName(stream)
                                            .partitionKey(pending.key.name())
                                            .explicitHashKey(pending.explicitHash())
                                            .data(Payload.of(pending.sent, settings.bytes()))
                                            .overrideConfiguration(attempts.onRequest()));
                    pending.attempts += attempts.count();
                    pending.acknowledge(response.shardId(), response.sequenceNumber());
                    return;
                } catch (SdkException e) {
                    pending.attempts++;
                    journal.fail(String.valueOf(e.getMessage()));
                    if (stop.get()) {
                        journal.giveUp(pending.sent);
                        return;
                    }
                }
            }
        }

        private void putAll(KinesisClient client, List<Pending> batch) {
            List<Pending> left = batch;
            while (!left.isEmpty()) {
                left = putOnce(client, left);
                if (stop.get()) {
                    left.forEach(pending -> journal.giveUp(pending.sent));
                    return;
                }
            }
        }

        /** Those that were not taken. */
        private List<Pending> putOnce(KinesisClient client, List<Pending> batch) {
            Attempts attempts = new Attempts();
            List<PutRecordsRequestEntry> entries =
                    batch.stream().map(pending -> pending.entry(settings.bytes())).toList();
            try {
                PutRecordsResponse response =
                        client.putRecords(put ->
                                put.streamName(stream)
                                        .records(entries)
                                        .overrideConfiguration(attempts.onRequest()));
                List<Pending> left = new ArrayList<>();
                for (int i = 0; i < batch.size(); i++) {
                    Pending pending = batch.get(i);
                    PutRecordsResultEntry result = response.records().get(i);
                    pending.attempts += attempts.count();
                    if (result.errorCode() == null) {
                        pending.acknowledge(result.shardId(), result.sequenceNumber());
                    } else {
                        journal.fail(result.errorCode() + ": " + result.errorMessage());
                        left.add(pending);
                    }
                }
                return left;
            } catch (SdkException e) {
                journal.fail(String.valueOf(e.getMessage()));
                batch.forEach(pending -> pending.attempts++);
                return batch;
            }
        }

        private void pause() {
            try {
                Thread.sleep(settings.pause());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                stop.set(true);
            }
        }
    }

    /** A record that has no acknowledgement yet. */
    private final class Pending {
        private final Keys.Key key;
        private final Sent sent;
        private final long since = System.nanoTime();
        private int attempts;

        Pending(Keys.Key key, int number) {
            this.key = key;
            this.sent = new Sent(key.name(), number);
        }

        @org.jspecify.annotations.Nullable
        String explicitHash() {
            return key.explicitHash().map(BigInteger::toString).orElse(null);
        }

        PutRecordsRequestEntry entry(int bytes) {
            return PutRecordsRequestEntry.builder()
                    .partitionKey(key.name())
                    .explicitHashKey(explicitHash())
                    .data(Payload.of(sent, bytes))
                    .build();
        }

        void acknowledge(String shard, String sequenceNumber) {
            journal.acknowledge(
                    new Acknowledged(sent, key.hash(), shard, new BigInteger(sequenceNumber)),
                    attempts > 1,
                    System.nanoTime() - since);
        }
    }
}
