/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * Reshards a stream 4 -> 8 -> 4 while it is written at full load, and tells how long that takes and
 * how long a put has to wait. Arguments: ENDPOINT BOOTSTRAP SERVER_PID ACCESS_KEY SECRET.
 */
public final class ReshardUnderLoad {

    private static final String STREAM = "bench-reshard";
    private static final int FEW = 4;
    private static final int MANY = 8;
    private static final int ROUNDS = 5;
    private static final int BATCH_WRITERS = 3;
    private static final int SINGLE_WRITERS = 8;
    private static final int BATCH = 500;
    private static final int RECORD_BYTES = 1_024;
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration AT_REST = Duration.ofSeconds(5);
    private static final Duration BETWEEN = Duration.ofSeconds(2);
    private static final Duration ONE_RESHARD_AT_MOST = Duration.ofSeconds(60);

    /** A put that the client's default retries brought through, as the caller saw it. */
    private record Put(long startNanos, long endNanos, boolean batch) {
        double millis() {
            return (endNanos - startNanos) / 1e6;
        }
    }

    private record Window(long startNanos, long endNanos) {
        double millis() {
            return (endNanos - startNanos) / 1e6;
        }

        boolean touches(Put put) {
            return put.endNanos() >= startNanos && put.startNanos() <= endNanos;
        }
    }

    private final Target target;
    private final SdkBytes data;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final Queue<Put> puts = new ConcurrentLinkedQueue<>();
    private final AtomicLong records = new AtomicLong();
    private final AtomicInteger failed = new AtomicInteger();

    private ReshardUnderLoad(Target target) {
        this.target = target;
        byte[] bytes = new byte[RECORD_BYTES];
        new Random(1).nextBytes(bytes);
        this.data = SdkBytes.fromByteArrayUnsafe(bytes);
    }

    public static void main(String[] arguments) throws Exception {
        new ReshardUnderLoad(Target.of(arguments)).run();
    }

    private void run() throws InterruptedException {
        List<Thread> writers = new ArrayList<>();
        try (KinesisClient client = target.kinesis()) {
            client.createStream(create -> create.streamName(STREAM).shardCount(FEW));
            client.waiter().waitUntilStreamExists(describe -> describe.streamName(STREAM));
            for (int i = 0; i < BATCH_WRITERS; i++) {
                int writer = i;
                writers.add(Thread.ofPlatform().start(() -> write(writer, true)));
            }
            for (int i = 0; i < SINGLE_WRITERS; i++) {
                int writer = i;
                writers.add(Thread.ofPlatform().start(() -> write(writer, false)));
            }
            Thread.sleep(WARM_UP);
            puts.clear();
            records.set(0);
            long start = System.nanoTime();
            Thread.sleep(AT_REST);
            Window rest = new Window(start, System.nanoTime());
            System.out.printf(
                    "load: %d writers of %d records of %d bytes, %d writers of one; %,.0f"
                            + " records/s%n",
                    BATCH_WRITERS,
                    BATCH,
                    RECORD_BYTES,
                    SINGLE_WRITERS,
                    records.get() * 1000 / rest.millis());
            List<Window> reshards = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                reshards.add(reshard(client, MANY));
                Thread.sleep(BETWEEN);
                reshards.add(reshard(client, FEW));
                Thread.sleep(BETWEEN);
            }
            stop.set(true);
            for (Thread writer : writers) {
                writer.join();
            }
            report(rest, reshards);
        } finally {
            stop.set(true);
        }
    }

    private Window reshard(KinesisClient client, int target) throws InterruptedException {
        long start = System.nanoTime();
        client.updateShardCount(update ->
                update.streamName(STREAM)
                        .targetShardCount(target)
                        .scalingType(ScalingType.UNIFORM_SCALING));
        long deadline = start + ONE_RESHARD_AT_MOST.toNanos();
        while (System.nanoTime() < deadline) {
            StreamDescriptionSummary summary =
                    client.describeStreamSummary(describe -> describe.streamName(STREAM))
                            .streamDescriptionSummary();
            if (summary.streamStatus() == StreamStatus.ACTIVE
                    && summary.openShardCount() == target) {
                return new Window(start, System.nanoTime());
            }
            Thread.sleep(5);
        }
        throw new IllegalStateException(
                "No %d shards within %s".formatted(target, ONE_RESHARD_AT_MOST));
    }

    private void report(Window rest, List<Window> reshards) {
        List<Window> splits = new ArrayList<>();
        List<Window> merges = new ArrayList<>();
        for (int i = 0; i < reshards.size(); i++) {
            (i % 2 == 0 ? splits : merges).add(reshards.get(i));
        }
        tell("reshard 4 -> 8", splits);
        tell("reshard 8 -> 4", merges);
        tell("PutRecord  at rest          ", List.of(rest), false);
        tell("PutRecord  during reshards  ", reshards, false);
        tell("PutRecords at rest          ", List.of(rest), true);
        tell("PutRecords during reshards  ", reshards, true);
        System.out.printf("puts that failed after the client's retries: %d%n", failed.get());
    }

    private static void tell(String what, List<Window> reshards) {
        double[] millis = reshards.stream().mapToDouble(Window::millis).sorted().toArray();
        System.out.printf(
                "%s: median %.0f ms (%.0f to %.0f)%n",
                what, millis[millis.length / 2], millis[0], millis[millis.length - 1]);
    }

    private void tell(String what, List<Window> windows, boolean batch) {
        double[] millis =
                puts.stream()
                        .filter(put -> put.batch() == batch)
                        .filter(put -> windows.stream().anyMatch(window -> window.touches(put)))
                        .sorted(Comparator.comparingDouble(Put::millis))
                        .mapToDouble(Put::millis)
                        .toArray();
        System.out.printf(
                "%s: p50 %.1f ms, p99 %.1f ms, longest %.0f ms (%,d puts)%n",
                what,
                millis[millis.length / 2],
                millis[millis.length * 99 / 100],
                Arrays.stream(millis).max().orElse(0),
                millis.length);
    }

    private void write(int writer, boolean batch) {
        try (KinesisClient client = target.kinesis()) {
            List<PutRecordsRequestEntry> entries =
                    IntStream.range(0, BATCH)
                            .mapToObj(i ->
                                    PutRecordsRequestEntry.builder()
                                            .partitionKey(writer + "-" + i)
                                            .data(data)
                                            .build())
                            .toList();
            for (int i = 0; !stop.get(); i++) {
                long start = System.nanoTime();
                int number = i;
                if (batch) {
                    failed.addAndGet(
                            client.putRecords(put -> put.streamName(STREAM).records(entries))
                                    .failedRecordCount());
                    records.addAndGet(BATCH);
                } else {
                    client.putRecord(put ->
                            put.streamName(STREAM).partitionKey(writer + "/" + number).data(data));
                    records.incrementAndGet();
                }
                puts.add(new Put(start, System.nanoTime(), batch));
            }
        } catch (SdkException e) {
            failed.incrementAndGet();
            System.err.println("A put failed: " + e.getMessage());
        }
    }
}
