/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.testing;

import dev.millrace.analytics.engine.ApplicationPlan;
import dev.millrace.analytics.engine.ApplicationRunner;
import dev.millrace.analytics.engine.TrinoQueries;
import dev.millrace.analytics.input.Input;
import dev.millrace.analytics.input.StartAt;
import dev.millrace.analytics.output.Output;
import dev.millrace.analytics.output.RowEncoder;
import dev.millrace.analytics.progress.InputTiming;
import dev.millrace.analytics.status.ApplicationStatus;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.EncryptionKeys;
import dev.millrace.table.TableDescription;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** An application that runs in the test's own process. */
public final class Running implements AutoCloseable {

    private final ApplicationRunner runner;
    private final ApplicationStatus status;

    private Running(ApplicationRunner runner, ApplicationStatus status) {
        this.runner = runner;
        this.status = status;
    }

    /** What an application is made of, with what most tests leave as it is. */
    public static final class Builder {
        private final Pool pool;
        private final Trino trino;
        private final String id;
        private final List<Input> inputs = new ArrayList<>();
        private final List<Output> outputs = new ArrayList<>();
        private StartAt startAt = new StartAt.TrimHorizon();
        private Optional<Duration> history = Optional.empty();
        private Optional<String> fallback = Optional.empty();

        public Builder(Pool pool, Trino trino, String id) {
            this.pool = pool;
            this.trino = trino;
            this.id = id;
        }

        /** A table by its description, JSON. */
        public Builder input(String description) {
            return input(description, Duration.ZERO, Duration.ofSeconds(2));
        }

        public Builder input(String description, Duration lateness, Duration idle) {
            TableDescription table = TableDescription.parse(description);
            inputs.add(
                    new Input(table, new InputTiming(table.rowtime().isEmpty(), lateness, idle)));
            return this;
        }

        /** A stream of JSON under its own name. */
        public Builder output(String stream) {
            return output(stream, stream, Optional.empty(), false);
        }

        public Builder output(
                String name, String stream, Optional<String> partitionKey, boolean late) {
            outputs.add(
                    new Output(
                            name,
                            new StreamName(stream),
                            RowEncoder.Format.JSON,
                            partitionKey,
                            late));
            return this;
        }

        public Builder startAt(StartAt changed) {
            startAt = changed;
            return this;
        }

        public Builder history(Duration changed) {
            history = Optional.of(changed);
            return this;
        }

        public Builder fallback(String code) {
            fallback = Optional.of(code);
            return this;
        }

        public Running start(String code) {
            ApplicationStatus status = new ApplicationStatus("1");
            ApplicationRunner runner =
                    new ApplicationRunner(
                            new ApplicationPlan(
                                    id,
                                    "1",
                                    code,
                                    fallback,
                                    inputs,
                                    outputs,
                                    startAt,
                                    history,
                                    Duration.ofMillis(100),
                                    Map.of("bootstrap.servers", pool.bootstrapServers()),
                                    EncryptionKeys.NONE,
                                    trino.tables()),
                            () -> {
                                Properties properties = new Properties();
                                properties.put("user", "test");
                                return new TrinoQueries(
                                        "jdbc:trino://127.0.0.1:"
                                                + trino.url().getPort()
                                                + "/millrace/default",
                                        properties);
                            },
                            status,
                            InstantSource.system(),
                            () -> {});
            runner.start();
            return new Running(runner, status);
        }
    }

    public ApplicationStatus status() {
        return status;
    }

    @Override
    public void close() throws InterruptedException {
        runner.close();
    }
}
