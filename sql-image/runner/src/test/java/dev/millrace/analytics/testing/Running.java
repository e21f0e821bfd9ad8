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
import dev.millrace.table.DataFormat;
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
        private String driverUrl;
        private Properties driver = new Properties();

        public Builder(Pool pool, Trino trino, String id) {
            this.pool = pool;
            this.trino = trino;
            this.id = id;
            this.driverUrl =
                    "jdbc:trino://127.0.0.1:" + trino.url().getPort() + "/millrace/default";
            this.driver.put("user", "test");
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

        /** A stream of which nobody said what its records are. */
        public Builder unknown(String name, String stream) {
            inputs.add(
                    new Input(
                            new TableDescription(
                                    name,
                                    new StreamName(stream),
                                    DataFormat.JSON,
                                    List.of(),
                                    Optional.empty(),
                                    TableDescription.OnError.DROP),
                            new InputTiming(true, Duration.ZERO, Duration.ofSeconds(2)),
                            false));
            return this;
        }

        /** A stream of JSON under its own name. */
        public Builder output(String stream) {
            return output(stream, stream, Optional.empty(), false);
        }

        public Builder output(
                String name, String stream, Optional<String> partitionKey, boolean late) {
            outputs.add(
                    new Output.ToStream(
                            name,
                            new StreamName(stream),
                            RowEncoder.Format.JSON,
                            partitionKey,
                            late ? Output.Content.LATE_ROWS : Output.Content.RESULTS,
                            Optional.empty()));
            return this;
        }

        /** A stream of results that are given early, and taken back. */
        public Builder early(String stream, Duration early) {
            outputs.add(
                    new Output.ToStream(
                            stream,
                            new StreamName(stream),
                            RowEncoder.Format.JSON,
                            Optional.empty(),
                            Output.Content.RESULTS,
                            Optional.of(early)));
            return this;
        }

        /** A stream of what is no row. */
        public Builder malformed(String stream) {
            outputs.add(
                    new Output.ToStream(
                            stream,
                            new StreamName(stream),
                            RowEncoder.Format.JSON,
                            Optional.empty(),
                            Output.Content.MALFORMED,
                            Optional.empty()));
            return this;
        }

        /** A table under its own name; without keys its rows are only added. */
        public Builder table(String catalog, String schema, String table, String... keys) {
            return table(catalog, schema, table, Optional.empty(), keys);
        }

        /** A table whose rows are replaced by later versions. */
        public Builder versioned(
                String catalog, String schema, String table, String version, String... keys) {
            return table(catalog, schema, table, Optional.of(version), keys);
        }

        private Builder table(
                String catalog,
                String schema,
                String table,
                Optional<String> version,
                String... keys) {
            outputs.add(
                    new Output.ToTable(
                            table,
                            catalog,
                            schema,
                            table,
                            List.of(keys),
                            version,
                            "millrace_batch"));
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

        /** Another Trino than the shared one. */
        public Builder driver(String url, Properties properties) {
            driverUrl = url;
            driver = properties;
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
                                driver.put("source", "millrace." + id);
                                return new TrinoQueries(driverUrl, driver);
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
