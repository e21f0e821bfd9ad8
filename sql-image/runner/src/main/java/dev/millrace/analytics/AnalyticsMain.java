/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import dev.millrace.analytics.engine.ApplicationPlan;
import dev.millrace.analytics.engine.ApplicationRunner;
import dev.millrace.analytics.engine.TrinoQueries;
import dev.millrace.analytics.input.Input;
import dev.millrace.analytics.settings.SettingsReader;
import dev.millrace.analytics.settings.TrinoAddress;
import dev.millrace.analytics.status.ApplicationMetrics;
import dev.millrace.analytics.status.ApplicationStatus;
import dev.millrace.shard.encryption.EncryptionKeyDirectory;
import dev.millrace.shard.encryption.EncryptionKeys;
import dev.millrace.table.TableDescriptions;
import dev.millrace.workload.status.StatusServer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The SQL runner as a process: reads its variables and runs until it is told to stop. */
public final class AnalyticsMain {

    private static final Logger log = LoggerFactory.getLogger(AnalyticsMain.class);

    private AnalyticsMain() {}

    public static void main(String[] args) throws Exception {
        run(System.getenv());
    }

    private static void run(Map<String, String> variables)
            throws IOException, InterruptedException {
        Path config =
                Path.of(
                        variables.getOrDefault(
                                "MILLRACE_ANALYTICS_CONFIG", "/etc/millrace/analytics/spec.json"));
        ApplicationPlan plan = reader(variables).read(Files.readString(config));
        String name = variables.getOrDefault("MILLRACE_APPLICATION", plan.id());
        ApplicationStatus status = new ApplicationStatus(plan.version());
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(metrics);
        new ApplicationMetrics(status, name).bindTo(metrics);
        int port = Integer.parseInt(variables.getOrDefault("MILLRACE_METRICS_PORT", "9464"));
        StatusServer server = StatusServer.start(port, status, metrics::scrape);
        TrinoAddress trino = TrinoAddress.of(variables);
        Properties driver = trino.properties();
        // Of this application only: its statements are looked for by it.
        driver.setProperty("source", "millrace." + plan.id());
        if (!trino.isOfThePod()) {
            // It does not see the directory that the tables' descriptions lie in.
            driver.setProperty(
                    "sessionProperties",
                    "millrace.%s:%s"
                            .formatted(
                                    TableDescriptions.SESSION_PROPERTY,
                                    TableDescriptions.encode(
                                            plan.inputs().stream().map(Input::table).toList())));
        }
        ApplicationRunner runner =
                new ApplicationRunner(
                        plan,
                        () -> new TrinoQueries(trino.jdbcUrl(), driver),
                        status,
                        InstantSource.system(),
                        // The kubelet starts it again, with its pauses.
                        () -> Thread.ofPlatform().start(() -> System.exit(1)));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .unstarted(() -> {
                                    try {
                                        runner.close();
                                    } catch (InterruptedException _) {
                                        Thread.currentThread().interrupt();
                                    }
                                    server.close();
                                    stopped.countDown();
                                }));
        runner.start();
        log.info("Runs {} on {}", name, trino.jdbcUrl());
        System.out.println("status on port " + server.port());
        stopped.await();
    }

    private static SettingsReader reader(Map<String, String> variables) {
        String servers = variables.get("MILLRACE_BOOTSTRAP_SERVERS");
        if (servers == null || servers.isBlank()) {
            throw new IllegalArgumentException("MILLRACE_BOOTSTRAP_SERVERS is not set");
        }
        String keys = variables.getOrDefault("MILLRACE_ENCRYPTION_KEYS_DIR", "");
        return new SettingsReader(
                Map.of(
                        "bootstrap.servers",
                        servers,
                        "client.id",
                        variables.getOrDefault("POD_NAME", "analytics")),
                keys.isEmpty() ? EncryptionKeys.NONE : new EncryptionKeyDirectory(Path.of(keys)),
                Path.of(variables.getOrDefault("MILLRACE_TABLES_DIR", "/var/run/millrace/tables")));
    }
}
