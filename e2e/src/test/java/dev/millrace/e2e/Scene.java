/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.crds.Condition;
import dev.millrace.crds.stream.StreamStatus;
import dev.millrace.e2e.checker.Contents;
import dev.millrace.e2e.checker.Journal;
import dev.millrace.e2e.checker.Keys;
import dev.millrace.e2e.checker.Traffic;
import dev.millrace.e2e.checker.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;

/** A stream of a pool, the records that are put into it, and what a fault does to them. */
final class Scene {

    static final String POOL = "chaos";
    private static final String FULL_POOL = "full";
    private static final int FULL_POOL_MIB = 400;
    private static final int[] SHARDS = {6, 4, 8, 3};
    private static final int QUARTERS = 4;
    private static final int HASH_BITS = 128;
    private static final int PRODUCERS = 6;
    private static final Duration PROGRESS_WITHIN = Duration.ofMinutes(4);

    private final Cluster cluster;
    private final String pool;
    private final String stream;
    private final Traffic traffic;
    private final AtomicInteger quarter;
    private final Optional<Path> volume;

    private Scene(
            Cluster cluster,
            String pool,
            String stream,
            Traffic.Settings settings,
            AtomicInteger quarter,
            Optional<Path> volume) {
        this.cluster = cluster;
        this.pool = pool;
        this.stream = stream;
        this.quarter = quarter;
        this.volume = volume;
        this.traffic = new Traffic(stream, () -> cluster.kinesis(pool), settings);
    }

    /** Makes what the fault needs; a pool of three brokers is there already. */
    static Scene of(Fault fault, Cluster cluster) throws Exception {
        AtomicInteger quarter = new AtomicInteger();
        return switch (fault) {
            case MOVING_LOAD -> {
                cluster.apply(
                        """
                        apiVersion: millrace.dev/v1beta1
                        kind: Stream
                        metadata: {name: moving-load}
                        spec:
                          pool: chaos
                          mode: ON_DEMAND
                          deletionPolicy: Delete
                          onDemand: {minShards: 2, maxShards: 48, shardKiBPerSecond: 128}
                        """);
                cluster.awaitReady(fault.label());
                yield new Scene(
                        cluster,
                        POOL,
                        fault.label(),
                        new Traffic.Settings(
                                Keys.inWindow(QUARTERS, quarter::get), 500, Duration.ofMillis(10)),
                        quarter,
                        Optional.empty());
            }
            case DISK_FULL -> {
                Path volume = cluster.smallVolume("data-full-broker-0", FULL_POOL_MIB);
                cluster.apply(
                        """
                        apiVersion: millrace.dev/v1beta1
                        kind: BrokerPool
                        metadata: {name: full}
                        spec:
                          storage: {size: %dMi, className: small}
                          gateway: {service: {type: NodePort}}
                        """
                                .formatted(FULL_POOL_MIB));
                cluster.stream(fault.label(), FULL_POOL, 2);
                yield new Scene(
                        cluster,
                        FULL_POOL,
                        fault.label(),
                        new Traffic.Settings(Keys.spread(13), 200, Duration.ofMillis(10)),
                        quarter,
                        Optional.of(volume));
            }
            default -> {
                cluster.stream(fault.label(), POOL, 3);
                yield new Scene(
                        cluster,
                        POOL,
                        fault.label(),
                        new Traffic.Settings(Keys.spread(13), 100, Duration.ofMillis(10)),
                        quarter,
                        Optional.empty());
            }
        };
    }

    void start() {
        traffic.start(PRODUCERS);
        awaitProgress();
    }

    Cluster cluster() {
        return cluster;
    }

    String stream() {
        return stream;
    }

    StreamStatus status() {
        return cluster.status(stream);
    }

    Journal journal() {
        return traffic.journal();
    }

    /** Asks for another number of shards, and does not wait for it. */
    int reshard(int round) {
        int shards = SHARDS[round % SHARDS.length];
        cluster.patchShardCount(stream, shards);
        return shards;
    }

    void moveLoad(int round) {
        quarter.set(round + 1);
    }

    /** Open shards that lie wholly in the quarter of the hash keys that is put to. */
    long shardsUnderLoad() {
        BigInteger width = BigInteger.ONE.shiftLeft(HASH_BITS).divide(BigInteger.valueOf(QUARTERS));
        BigInteger first = width.multiply(BigInteger.valueOf(quarter.get() % QUARTERS));
        BigInteger last = first.add(width);
        try (KinesisClient client = cluster.kinesis(pool)) {
            return client
                    .listShards(list ->
                            list.streamName(stream)
                                    .shardFilter(filter -> filter.type(ShardFilterType.AT_LATEST)))
                    .shards()
                    .stream()
                    .map(Shard::hashKeyRange)
                    .filter(range ->
                            new BigInteger(range.startingHashKey()).compareTo(first) >= 0
                                    && new BigInteger(range.endingHashKey()).compareTo(last) < 0)
                    .count();
        }
    }

    /** Two hundred more records are acknowledged. */
    void awaitProgress() {
        int before = traffic.journal().acknowledgedSoFar();
        try {
            Cluster.until(
                    "records are acknowledged again",
                    PROGRESS_WITHIN,
                    () -> traffic.journal().acknowledgedSoFar() >= before + 200);
        } catch (AssertionError e) {
            throw new AssertionError("Failures: " + traffic.journal().lastFailures(), e);
        }
    }

    /** The controller, as the pool's status has it. */
    int controllerOtherThan(Optional<Integer> former) {
        AtomicInteger found = new AtomicInteger();
        Cluster.until(
                "the pool has a controller other than " + former,
                Duration.ofMinutes(3),
                () -> {
                    cluster.touchPool(pool);
                    Thread.sleep(Duration.ofSeconds(1));
                    Integer controller = cluster.poolStatus(pool).controller();
                    if (controller == null || former.equals(Optional.of(controller))) {
                        return false;
                    }
                    found.set(controller);
                    return true;
                });
        return found.get();
    }

    /** Puts are refused as SDKs understand it, reading goes on, the pool says why. */
    void fillUpToTheReserve() throws Exception {
        try (Filler filler = new Filler(volume.orElseThrow());
                KinesisClient client = cluster.kinesis(pool)) {
            filler.leaveFree(FULL_POOL_MIB / 40);
            Cluster.until(
                    "puts are refused",
                    Duration.ofMinutes(1),
                    () ->
                            traffic.journal().lastFailures().stream()
                                    .anyMatch(f -> f.contains("full")));
            assertThatThrownBy(() -> put(client))
                    .isInstanceOfSatisfying(
                            KinesisException.class,
                            refused -> {
                                assertThat(refused.statusCode()).isEqualTo(500);
                                assertThat(refused.awsErrorDetails().errorCode())
                                        .isEqualTo("InternalFailure");
                                assertThat(refused.getMessage()).contains("volume of broker 0");
                            });
            assertThat(Contents.of(client, stream).shards()).as("reading goes on").isNotEmpty();
            cluster.touchPool(pool);
            Cluster.until(
                    "the pool says so",
                    Duration.ofMinutes(2),
                    () -> diskPressure().filter("VolumesFull"::equals).isPresent());
        }
        Cluster.until(
                "the pool has room again", Duration.ofMinutes(2), () -> diskPressure().isEmpty());
        assertThat(cluster.eventMessages(pool))
                .anyMatch(event -> event.startsWith("VolumesFull: The volume of broker 0"))
                .anyMatch(event -> event.startsWith("VolumesHaveRoom: "));
    }

    /** Kafka cannot write, and dies; with room it comes back with everything. */
    void fillToTheLastByte() throws Exception {
        int restarts = cluster.restarts(pool, 0, "kafka");
        try (Filler filler = new Filler(volume.orElseThrow())) {
            filler.leaveFree(0);
            Cluster.until(
                    "Kafka ends, or refuses puts, for want of space",
                    Duration.ofMinutes(1),
                    () ->
                            cluster.restarts(pool, 0, "kafka") > restarts
                                    || traffic.journal().lastFailures().stream()
                                            .anyMatch(f -> f.contains("full")));
            Thread.sleep(Duration.ofSeconds(10));
        }
    }

    private void put(KinesisClient client) {
        client.putRecord(p ->
                p.streamName(stream).partitionKey("a").data(SdkBytes.fromUtf8String("refused")));
    }

    private Optional<String> diskPressure() {
        return cluster.poolStatus(pool).conditions().stream()
                .filter(condition -> condition.type().equals("DiskPressure"))
                .map(Condition::reason)
                .findFirst();
    }

    /** Waits until the pool is whole, then stops and compares. */
    Verdict verdict() throws Exception {
        cluster.awaitPoolReady(pool);
        awaitProgress();
        return verdictNow();
    }

    /** Stops and compares, whatever the pool is like. */
    Verdict verdictNow() throws InterruptedException {
        try (KinesisClient client = cluster.kinesis(pool)) {
            return traffic.check(client);
        }
    }

    void stop() throws InterruptedException {
        traffic.stop();
    }

    /** A file that takes the room of others. */
    private static final class Filler implements AutoCloseable {
        private static final int MIB = 1 << 20;
        private static final int BLOCK = 64 << 10;

        private final Path file;
        private final FileStore store;

        Filler(Path volume) throws IOException {
            this.file = volume.resolve("filler");
            this.store = Files.getFileStore(volume);
        }

        /** Takes what there is but for so much; nothing is left where that is 0. */
        void leaveFree(int mib) throws IOException {
            byte[] block = new byte[BLOCK];
            try (OutputStream out = Files.newOutputStream(file)) {
                while (store.getUsableSpace() >= (long) mib * MIB + BLOCK) {
                    out.write(block);
                    out.flush();
                }
                if (mib == 0) {
                    out.write(new byte[(int) store.getUsableSpace()]);
                }
            } catch (IOException e) {
                if (mib != 0) {
                    throw e;
                }
                // Somebody else took the last of it.
            }
        }

        @Override
        public void close() throws IOException {
            Files.deleteIfExists(file);
        }
    }
}
