/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.delivery.kafka.DeliverySteps.Step;
import dev.millrace.delivery.matrix.Counts;
import dev.millrace.delivery.matrix.Report;
import dev.millrace.delivery.matrix.Servers;
import dev.millrace.delivery.matrix.Target;
import dev.millrace.delivery.matrix.Targets;
import dev.millrace.delivery.matrix.Trouble;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.PostgresServer;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.SearchServer;
import dev.millrace.delivery.testing.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each destination through all that can go wrong with it: what goes in comes out, as often as is
 * promised, and the status says what is wrong meanwhile. The long form, {@code
 * delivery-image/bin/matrix}, lets each trouble last, and kills workers at each step.
 */
@ExtendWith({
    Pool.Shared.class,
    S3Server.Shared.class,
    PostgresServer.Shared.class,
    SearchServer.Shared.class
})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(3_600)
class DeliveryMatrixIT {

    private static final boolean LONG = "long".equals(System.getProperty("delivery.matrix"));
    private static final Duration DOWN = Duration.ofMinutes(10);
    private static final Duration PATIENCE = Duration.ofSeconds(LONG ? 300 : 90);
    private static final int RECORDS = 40;
    private static final Report REPORT = new Report();

    @TempDir private Path directory;

    @AfterAll
    static void writeReport() throws IOException {
        REPORT.write(Path.of("target", "delivery-matrix.md"));
    }

    @ParameterizedTest
    @EnumSource
    void whatGoesInComesOutWhateverGoesWrong(
            Targets kind, Pool pool, S3Server s3, PostgresServer postgres, SearchServer search)
            throws Exception {
        try (Target target = kind.make(new Servers(pool, s3, postgres, search));
                Run run = new Run(target, pool, stream("troubles", kind))) {
            run.worker = run.start();
            for (Trouble trouble : target.troubles()) {
                run.suffer(trouble);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(named = "delivery.matrix", matches = "long")
    void whatGoesInComesOutWhateverStepAWorkerDiesAt(
            Targets kind, Pool pool, S3Server s3, PostgresServer postgres, SearchServer search)
            throws Exception {
        try (Target target = kind.make(new Servers(pool, s3, postgres, search));
                Run run = new Run(target, pool, stream("steps", kind))) {
            prepare(target);
            for (Step step : Step.values()) {
                run.put(RECORDS);
                try (Worker dying = run.start(step.name(), "1")) {
                    dying.awaitDeath();
                }
                run.worker = run.start();
                Duration took = run.settle();
                run.report("killed at " + step, "", took);
                run.worker().kill();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(named = "delivery.matrix", matches = "long")
    void whatGoesInComesOutThoughTwoWorkersBelieveThatTheyOwnAShard(
            Targets kind, Pool pool, S3Server s3, PostgresServer postgres, SearchServer search)
            throws Exception {
        try (Target target = kind.make(new Servers(pool, s3, postgres, search));
                Run run = new Run(target, pool, stream("owners", kind))) {
            prepare(target);
            run.put(RECORDS);
            run.worker = run.start();
            run.settle();
            Worker hung = run.worker();
            try (hung) {
                run.put(RECORDS);
                hung.signal("STOP");
                run.put(RECORDS);
                run.worker = run.start();
                run.settle();
                hung.signal("CONT");
                run.put(RECORDS);
                Duration took = run.settle();
                run.report("a worker hangs, another takes over, it comes back", "", took);
            }
        }
    }

    /** As it is when nothing is wrong. */
    private static void prepare(Target target) throws Exception {
        if (target.name().equals("S3")) {
            // Its first trouble is that there is no bucket.
            target.troubles().getFirst().end().run();
        }
    }

    private static String stream(String what, Targets kind) {
        return what + "-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** One target, with a stream of its own. */
    private final class Run implements AutoCloseable {
        private final Target target;
        private final Pool pool;
        private final String stream;
        private int put;
        private @Nullable Worker worker;

        Run(Target target, Pool pool, String stream) throws Exception {
            this.target = target;
            this.pool = pool;
            this.stream = stream;
            pool.createStream(stream, 2);
            target.prepare(directory);
        }

        /** The worker that should deliver now. */
        Worker worker() {
            return Objects.requireNonNull(worker);
        }

        Worker start(String... arguments) throws IOException {
            return Worker.start(directory, pool, config(), arguments);
        }

        void put(int count) {
            put(count, target::record);
        }

        private void put(int count, LongFunction<String> record) {
            List<String> records = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                records.add(record.apply(put++));
            }
            pool.put(stream, records);
        }

        void suffer(Trouble trouble) throws Exception {
            Instant began = Instant.now();
            trouble.begin().run();
            put(RECORDS);
            trouble.poison().forEach(record -> put(2, record));
            if (trouble.lasts() && (LONG || !trouble.late())) {
                await(trouble.name(), () -> reason().equals(trouble.code()));
                assertThat(condition().path("message").asText()).isNotBlank();
                hold(trouble);
            }
            Duration took;
            if (trouble.lasts()) {
                trouble.end().run();
                took = settle();
                await(
                        trouble.name() + " is over",
                        () -> condition().path("status").asText().equals("True"));
            } else {
                took = settle();
                if (!trouble.code().isEmpty()) {
                    await(trouble.name(), () -> lastError(began).equals(trouble.code()));
                }
                trouble.end().run();
            }
            report(trouble.name(), trouble.late() && !LONG ? "" : trouble.code(), took);
        }

        /** In the long form what is down is so for ten minutes, under load. */
        private void hold(Trouble trouble) throws InterruptedException {
            if (LONG && trouble.name().contains("is down")) {
                Instant end = Instant.now().plus(DOWN);
                while (Instant.now().isBefore(end)) {
                    put(RECORDS);
                    Thread.sleep(5_000);
                }
            }
        }

        /** Waits until each record is somewhere, and that none comes twice. */
        Duration settle() throws Exception {
            Instant began = Instant.now();
            await("all are delivered", () -> counts().isComplete());
            Duration took = Duration.between(began, Instant.now());
            await("all are committed", this::isIdle);
            assertThat(counts().wrong(target.guarantee()))
                    .as("%s\n%s", target.name(), worker().log())
                    .isEmpty();
            return took;
        }

        void report(String what, String said, Duration took) throws Exception {
            REPORT.add(target.name(), what, said, counts(), took);
        }

        private Counts counts() throws Exception {
            return new Counts(put, target.delivered(), target.refused());
        }

        private boolean isIdle() throws Exception {
            return worker().status()
                    .filter(status ->
                            status.path("delivery").path("bufferedBytes").asLong(-1) == 0
                                    && status.path("source").path("lagRecords").asLong(-1) == 0)
                    .isPresent();
        }

        private JsonNode condition() throws Exception {
            for (JsonNode condition : worker().status().orElseThrow().path("conditions")) {
                if (condition.path("type").asText().equals("DestinationReachable")) {
                    return condition;
                }
            }
            throw new AssertionError("There is no condition DestinationReachable");
        }

        private String reason() throws Exception {
            return worker().status().isEmpty() ? "" : condition().path("reason").asText();
        }

        private String lastError(Instant since) throws Exception {
            JsonNode error = worker().status().orElseThrow().path("delivery").path("lastError");
            return error.isMissingNode()
                            || Instant.parse(error.path("time").asText()).isBefore(since)
                    ? ""
                    : error.path("code").asText();
        }

        private void await(String what, Callable<Boolean> condition) throws Exception {
            try {
                Awaitility.await(what)
                        .atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(300))
                        .failFast(worker().log(), () -> !worker().isAlive())
                        .pollInSameThread()
                        .until(condition);
            } catch (ConditionTimeoutException e) {
                throw new AssertionError(
                        "%s: %s\n%s\n%s\n%s"
                                .formatted(
                                        target.name(),
                                        what,
                                        counts().wrong(target.guarantee()),
                                        worker().status(),
                                        worker().log()),
                        e);
            }
        }

        private String config() {
            return """
            {"name": "%1$s", "uid": "1", "createdAt": "2026-01-01T00:00:00Z",
             "sourceStream": "%1$s",
             "spec": {
              "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
              "destination": %2$s,
              "processing": {"processors": %3$s},
              "retry": {"durationSeconds": 7200}%4$s}}
            """
                    .formatted(stream, target.destination(), target.processors(), target.more());
        }

        @Override
        public void close() throws Exception {
            if (worker != null) {
                worker.close();
            }
        }
    }
}
