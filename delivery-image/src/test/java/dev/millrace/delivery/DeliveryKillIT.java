/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.kafka.DeliverySteps.Step;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Worker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers as processes that die or hang at each step; the bucket has each record once. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(240)
class DeliveryKillIT {

    private static final String BUCKET = "lake";
    private static final String STREAM = "killed";
    private static final int RECORDS = 3_000;

    /** In the long form, {@code delivery-image/bin/matrix}, there are a hundred. */
    private static final int KILLS = Integer.getInteger("delivery.kills", 3);

    private static final List<String> EXPECTED = new ArrayList<>();

    @TempDir private Path directory;

    @BeforeAll
    static void putRecords(Pool pool, S3Server s3) {
        s3.client().createBucket(r -> r.bucket(BUCKET));
        pool.createStream(STREAM, 2);
        EXPECTED.addAll(pool.put(STREAM, 0, RECORDS));
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void eachRecordIsThereOnceWhateverStepAWorkerDiesAt(Step step, Pool pool, S3Server s3)
            throws Exception {
        String prefix = "step-" + step.name() + "/";
        String config = config(s3, prefix, STREAM);
        try (Worker first = Worker.start(directory, pool, config, step.name(), "1")) {
            first.awaitDeath();
        }
        try (Worker second = Worker.start(directory, pool, config)) {
            awaitDelivered(s3, prefix, EXPECTED, second);
        }
    }

    @Test
    void aWorkerThatHangsAndComesBackDeliversNothingTwice(Pool pool, S3Server s3) throws Exception {
        String stream = "hung";
        pool.createStream(stream, 2);
        List<String> expected = new ArrayList<>(pool.put(stream, 0, 1_000));
        String prefix = "hung/";
        String config = config(s3, prefix, stream);
        try (Worker hung = Worker.start(directory, pool, config)) {
            awaitSome(s3, prefix, hung);
            hung.signal("STOP");
            expected.addAll(pool.put(stream, 1_000, 1_000));
            try (Worker other = Worker.start(directory, pool, config)) {
                awaitDelivered(s3, prefix, expected, other);
                hung.signal("CONT");
                expected.addAll(pool.put(stream, 2_000, 1_000));
                awaitDelivered(s3, prefix, expected, hung);
            }
        }
    }

    @Test
    @Timeout(3_600)
    void eachRecordIsThereOnceAfterRandomKillsAndReshardsUnderLoad(Pool pool, S3Server s3)
            throws Exception {
        long seed = Long.getLong("delivery.seed", 7);
        Random random = new Random(seed);
        String stream = "random-kills";
        pool.createStream(stream, 2);
        List<String> expected = new ArrayList<>();
        String prefix = "random/";
        String config = config(s3, prefix, stream);
        Worker[] workers = {
            Worker.start(directory, pool, config), Worker.start(directory, pool, config)
        };
        try {
            for (int kill = 0; kill < KILLS; kill++) {
                expected.addAll(pool.put(stream, kill * 4_000, 2_000));
                if (kill % 2 == 0) {
                    pool.reshard(stream, 2 + kill % 3);
                }
                Thread.sleep(500 + random.nextInt(4_000));
                expected.addAll(pool.put(stream, kill * 4_000 + 2_000, 2_000));
                int victim = random.nextInt(workers.length);
                workers[victim].kill();
                workers[victim] = Worker.start(directory, pool, config);
            }
            awaitDelivered(s3, prefix, expected, workers[0]);
        } finally {
            for (Worker worker : workers) {
                worker.close();
            }
        }
    }

    private static void awaitSome(S3Server s3, String prefix, Worker worker) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .failFast(() -> !worker.isAlive())
                .until(() -> !s3.objects(BUCKET, prefix).isEmpty());
    }

    /** Waits until as many are there as should be, and then that no more come. */
    private static void awaitDelivered(
            S3Server s3, String prefix, List<String> expected, Worker worker) throws IOException {
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(100 + 3L * KILLS))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> records(s3, prefix).size() >= expected.size());
            Awaitility.await()
                    .during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(5))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> records(s3, prefix).size() == expected.size());
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            assertThat(records(s3, prefix))
                    .as(worker.log())
                    .containsExactlyInAnyOrderElementsOf(expected);
            throw e;
        }
        assertThat(records(s3, prefix)).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static List<String> records(S3Server s3, String prefix) {
        List<String> records = new ArrayList<>();
        for (byte[] object : s3.objects(BUCKET, prefix).values()) {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(object))) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(records::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return records;
    }

    private static String config(S3Server s3, String prefix, String stream) {
        return """
        {"name": "to-lake", "uid": "%s", "versionId": "1", "createdAt": "2026-01-01T00:00:00Z",
         "sourceStream": "%s",
         "spec": {
          "source": {"type": "KinesisStream", "startingPosition": "TRIM_HORIZON"},
          "destination": {"s3": {"endpoint": "%s", "bucket": "%s", "prefix": "%s",
           "compression": "GZIP", "credentialsSecretRef": {"name": "s3"},
           "buffering": {"sizeMiB": 1, "intervalSeconds": 1}}},
          "processing": {"processors": [{"type": "AppendDelimiterToRecord"}]}}}
        """
                .formatted(prefix.replace("/", ""), stream, s3.endpoint(), BUCKET, prefix);
    }
}
