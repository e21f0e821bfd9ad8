/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ListStreamsResponse;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * Makes many streams of two shards and one of many, and tells what that costs and how fast the
 * control plane still is. Arguments: ENDPOINT BOOTSTRAP SERVER_PID ACCESS_KEY SECRET STREAMS
 * SHARDS.
 */
public final class Scale {

    private static final int AT_ONCE = 8;
    private static final int CALLS = 200;
    private static final Duration ACTIVE_WITHIN = Duration.ofMinutes(4);

    private final KinesisClient client;
    private final long pid;
    private final int streams;
    private final int shards;

    private Scale(String[] arguments) {
        this.client =
                KinesisClient.builder()
                        .endpointOverride(URI.create(arguments[0]))
                        .region(Region.US_EAST_1)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(arguments[3], arguments[4])))
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build();
        this.pid = Long.parseLong(arguments[2]);
        this.streams = Integer.parseInt(arguments[5]);
        this.shards = Integer.parseInt(arguments[6]);
    }

    public static void main(String[] arguments) throws Exception {
        new Scale(arguments).run();
    }

    /** What the server's process holds at a moment. */
    private record Footprint(long rssKiB, long heapKiB, long files) {
        void tellPerShard(String what, Footprint before, int more) {
            System.out.printf(
                    "%s: %.1f KiB RSS, %.1f KiB of live heap, %.2f open files a shard (RSS %d MiB, heap %d MiB, %d files in all)%n",
                    what,
                    (rssKiB - before.rssKiB) / (double) more,
                    (heapKiB - before.heapKiB) / (double) more,
                    (files - before.files) / (double) more,
                    rssKiB / 1024,
                    heapKiB / 1024,
                    files);
        }
    }

    private void run() throws Exception {
        time("first calls", 20, _ -> client.listStreams());
        Footprint empty = footprint();
        System.out.printf(
                "empty: RSS %d MiB, heap %d MiB, %d files%n",
                empty.rssKiB() / 1024, empty.heapKiB() / 1024, empty.files());
        createMany();
        Footprint many = footprint();
        many.tellPerShard(streams + " streams of 2 shards, idle", empty, 2 * streams);
        createLarge();
        Footprint large = footprint();
        large.tellPerShard("one stream of " + shards + " shards, idle", many, shards);
        operations();
        reshard();
    }

    private void createMany() throws InterruptedException {
        long began = System.nanoTime();
        ConcurrentLinkedQueue<Double> millis = new ConcurrentLinkedQueue<>();
        Semaphore places = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < streams; i++) {
                String name = name(i);
                places.acquire();
                threads.execute(() -> {
                    long start = System.nanoTime();
                    client.createStream(r -> r.streamName(name).shardCount(2));
                    millis.add((System.nanoTime() - start) / 1e6);
                    places.release();
                });
            }
        }
        tell("CreateStream, " + AT_ONCE + " at once", millis);
        long asked = System.nanoTime();
        for (int i = 0; i < streams; i++) {
            awaitActive(name(i));
        }
        System.out.printf(
                "%d streams: asked for in %.1f s, all ACTIVE after %.1f s%n",
                streams, (asked - began) / 1e9, (System.nanoTime() - began) / 1e9);
    }

    private void createLarge() throws InterruptedException {
        long began = System.nanoTime();
        client.createStream(r -> r.streamName("large").shardCount(shards));
        awaitActive("large");
        System.out.printf(
                "CreateStream of %d shards: ACTIVE after %.1f s%n",
                shards, (System.nanoTime() - began) / 1e9);
    }

    private void operations() {
        time(
                "DescribeStreamSummary",
                CALLS,
                i -> client.describeStreamSummary(r -> r.streamName(name(i % streams))));
        time(
                "ListStreams, a page of 100",
                CALLS,
                i ->
                        client.listStreams(
                                r -> r.limit(100).exclusiveStartStreamName(name(i % streams))));
        time(
                "ListShards, a page of 100 of the large one",
                CALLS,
                _ -> client.listShards(r -> r.streamName("large").maxResults(100)));
        time("PutRecord, to one stream after the other", CALLS, i -> put(name(i % streams)));
        time("PutRecord, to the same streams again", CALLS, i -> put(name(i % streams)));
        long began = System.nanoTime();
        int listed = listAll();
        System.out.printf(
                "ListStreams, all %d in pages of 100: %.0f ms%n",
                listed, (System.nanoTime() - began) / 1e6);
        began = System.nanoTime();
        int shardsListed = listAllShards();
        System.out.printf(
                "ListShards, all %d in pages of 100: %.0f ms%n",
                shardsListed, (System.nanoTime() - began) / 1e6);
    }

    private void put(String stream) {
        client.putRecord(
                r -> r.streamName(stream).partitionKey("k").data(SdkBytes.fromUtf8String("x")));
    }

    private int listAll() {
        Set<String> seen = new HashSet<>();
        Optional<String> token = Optional.empty();
        do {
            String next = token.orElse(null);
            ListStreamsResponse page = client.listStreams(r -> r.limit(100).nextToken(next));
            page.streamNames().forEach(name -> check(seen.add(name), name + " is listed twice"));
            token = Optional.ofNullable(page.nextToken());
        } while (token.isPresent());
        check(seen.size() == streams + 1, "listed " + seen.size() + " streams");
        return seen.size();
    }

    private int listAllShards() {
        Set<String> seen = new HashSet<>();
        ListShardsResponse page = client.listShards(r -> r.streamName("large").maxResults(100));
        while (true) {
            page.shards().forEach(s -> check(seen.add(s.shardId()), s.shardId() + " twice"));
            String token = page.nextToken();
            if (token == null) {
                check(seen.size() == shards, "listed " + seen.size() + " shards");
                return seen.size();
            }
            page = client.listShards(r -> r.nextToken(token).maxResults(100));
        }
    }

    private void reshard() throws InterruptedException {
        for (int target : new int[] {4, 2, 4, 2, 4}) {
            long began = System.nanoTime();
            client.updateShardCount(r ->
                    r.streamName(name(0))
                            .targetShardCount(target)
                            .scalingType(ScalingType.UNIFORM_SCALING));
            awaitActive(name(0));
            System.out.printf(
                    "reshard of one stream to %d while all others are there: %.0f ms%n",
                    target, (System.nanoTime() - began) / 1e6);
        }
    }

    private static String name(int i) {
        return "stream-%05d".formatted(i);
    }

    private void awaitActive(String stream) throws InterruptedException {
        long deadline = System.nanoTime() + ACTIVE_WITHIN.toNanos();
        while (client.describeStreamSummary(r -> r.streamName(stream))
                        .streamDescriptionSummary()
                        .streamStatus()
                != StreamStatus.ACTIVE) {
            check(System.nanoTime() < deadline, stream + " does not become ACTIVE");
            Thread.sleep(10);
        }
    }

    @FunctionalInterface
    private interface Operation {
        void call(int number);
    }

    private static void time(String what, int calls, Operation operation) {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            long start = System.nanoTime();
            operation.call(i);
            millis.add((System.nanoTime() - start) / 1e6);
        }
        tell(what, millis);
    }

    private static void tell(String what, Iterable<Double> millis) {
        List<Double> list = new ArrayList<>();
        millis.forEach(list::add);
        double[] sorted = list.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        System.out.printf(
                "%s: p50 %.1f ms, p99 %.1f ms%n",
                what, sorted[sorted.length / 2], sorted[sorted.length * 99 / 100]);
    }

    private Footprint footprint() throws IOException, InterruptedException {
        String heap = jcmd("GC.run") + jcmd("GC.heap_info");
        long used =
                Arrays.stream(heap.split("\n"))
                        .filter(line -> line.contains("total") && line.contains("used"))
                        .filter(line -> line.contains("eneration"))
                        .mapToLong(
                                line -> Long.parseLong(line.replaceAll(".*used (\\d+)K.*", "$1")))
                        .sum();
        String status = Files.readString(Path.of("/proc/" + pid + "/status"));
        long rss = Long.parseLong(status.replaceAll("(?s).*VmRSS:\\s+(\\d+) kB.*", "$1"));
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return new Footprint(rss, used, files.count());
        }
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                String.valueOf(pid),
                                command)
                        .redirectErrorStream(true)
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
