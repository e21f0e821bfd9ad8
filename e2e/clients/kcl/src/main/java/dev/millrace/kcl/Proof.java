/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.kcl;

import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * KCL 3 on DynamoDB Local: two workers read while the stream is resharded twice and one of them is
 * killed. Each record that was put is seen, and those of a key in their order.
 */
public final class Proof {

    private static final int BATCHES = 60;
    private static final int BATCH = 50;
    private static final int KEYS = 20;
    private static final long WITHIN_NANOS = 240_000_000_000L;

    private final Map<Integer, List<Integer>> seen = new ConcurrentHashMap<>();
    private final Set<String> shards = ConcurrentHashMap.newKeySet();

    private Proof() {}

    /** Arguments: the stream's name, {@code polling} or {@code fanout}. */
    public static void main(String[] args) throws Exception {
        new Proof().run(args[0], args[1]);
        System.exit(0);
    }

    private void run(String stream, String mode) throws Exception {
        int port = freePort();
        DynamoDBProxyServer dynamo =
                ServerRunner.createServerFromCommandLineArgs(
                        new String[] {"-inMemory", "-disableTelemetry", "-port", "" + port});
        dynamo.start();
        String endpoint = "http://127.0.0.1:" + port;
        KinesisClient kinesis = KinesisClient.create();
        kinesis.createStream(r -> r.streamName(stream).shardCount(2));
        awaitActive(kinesis, stream);
        Process first = worker(stream, "worker-1", endpoint, mode);
        Process second = worker(stream, "worker-2", endpoint, mode);
        try {
            for (int batch = 0; batch < BATCHES; batch++) {
                put(kinesis, stream, batch);
                if (batch == 20) {
                    reshard(kinesis, stream, 4);
                }
                if (batch == 30) {
                    await("a worker sees records", () -> !seen.isEmpty());
                    first.destroyForcibly();
                    System.out.println("killed a worker");
                }
                if (batch == 40) {
                    reshard(kinesis, stream, 3);
                }
                Thread.sleep(200);
            }
            int all = BATCHES * BATCH;
            await(
                    "all records are seen",
                    () -> distinct() == all || !second.isAlive());
            if (distinct() != all) {
                throw new IllegalStateException("A worker ended with " + distinct() + " of " + all);
            }
            checkOrder();
            int times = seen.values().stream().mapToInt(List::size).sum();
            System.out.printf(
                    "KCL %s: %d records from %d shards, %d seen again behind the kill%n",
                    mode, all, shards.size(), times - all);
        } finally {
            first.destroyForcibly();
            second.destroyForcibly();
            kinesis.deleteStream(r -> r.streamName(stream).enforceConsumerDeletion(true));
        }
    }

    /** What is read again after a kill begins at a checkpoint, and goes on in order from there. */
    private void checkOrder() {
        seen.forEach((key, numbers) -> {
            int largest = -1;
            for (int number : numbers) {
                if (number > largest + KEYS && largest >= 0) {
                    throw new IllegalStateException(
                            "Key %d: %d came before %d".formatted(key, number, largest + KEYS));
                }
                largest = Math.max(largest, number);
            }
        });
    }

    private int distinct() {
        int count = 0;
        for (List<Integer> numbers : seen.values()) {
            synchronized (numbers) {
                count += new TreeSet<>(numbers).size();
            }
        }
        return count;
    }

    private static void put(KinesisClient kinesis, String stream, int batch) {
        List<PutRecordsRequestEntry> entries =
                IntStream.range(batch * BATCH, (batch + 1) * BATCH)
                        .mapToObj(i ->
                                PutRecordsRequestEntry.builder()
                                        .partitionKey("key-" + i % KEYS)
                                        .data(SdkBytes.fromUtf8String(Integer.toString(i)))
                                        .build())
                        .toList();
        if (kinesis.putRecords(r -> r.streamName(stream).records(entries)).failedRecordCount() > 0) {
            throw new IllegalStateException("A put failed");
        }
    }

    private static void reshard(KinesisClient kinesis, String stream, int shards)
            throws InterruptedException {
        awaitActive(kinesis, stream);
        kinesis.updateShardCount(
                r -> r.streamName(stream).targetShardCount(shards).scalingType("UNIFORM_SCALING"));
        System.out.println("resharded to " + shards);
    }

    private static void awaitActive(KinesisClient kinesis, String stream)
            throws InterruptedException {
        await(
                "the stream is active",
                () ->
                        kinesis.describeStreamSummary(r -> r.streamName(stream))
                                        .streamDescriptionSummary()
                                        .streamStatus()
                                == StreamStatus.ACTIVE);
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(String what, Condition condition) throws InterruptedException {
        long end = System.nanoTime() + WITHIN_NANOS;
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("Not in time: " + what);
            }
            Thread.sleep(200);
        }
    }

    private Process worker(String stream, String name, String dynamo, String mode)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Worker.class.getName(),
                                stream,
                                name,
                                dynamo,
                                mode)
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(new HashMap<>(System.getenv()));
        Process process = builder.start();
        Thread.ofVirtual()
                .start(() -> process.inputReader().lines().forEach(this::record));
        return process;
    }

    private void record(String line) {
        int blank = line.indexOf(' ');
        if (!line.startsWith("shardId-") || blank < 0) {
            return;
        }
        shards.add(line.substring(0, blank));
        int number = Integer.parseInt(line.substring(blank + 1));
        List<Integer> numbers =
                seen.computeIfAbsent(number % KEYS, key -> new ArrayList<>());
        synchronized (numbers) {
            numbers.add(number);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
