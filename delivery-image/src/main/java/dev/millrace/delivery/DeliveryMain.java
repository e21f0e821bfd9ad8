/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import dev.millrace.delivery.batch.Destination;
import dev.millrace.delivery.batch.ErrorOutput;
import dev.millrace.delivery.batch.GivingUp;
import dev.millrace.delivery.batch.NoErrorOutput;
import dev.millrace.delivery.batch.RefusingDestination;
import dev.millrace.delivery.batch.Routed;
import dev.millrace.delivery.http.EndpointDestination;
import dev.millrace.delivery.http.EndpointSettings;
import dev.millrace.delivery.iceberg.IcebergDestination;
import dev.millrace.delivery.iceberg.IcebergSettings;
import dev.millrace.delivery.kafka.DeliveryPlan;
import dev.millrace.delivery.kafka.DeliverySteps;
import dev.millrace.delivery.kafka.DeliveryWorker;
import dev.millrace.delivery.processing.Processors;
import dev.millrace.delivery.s3.ObjectNaming;
import dev.millrace.delivery.s3.S3Destination;
import dev.millrace.delivery.search.SearchDestination;
import dev.millrace.delivery.search.SearchSettings;
import dev.millrace.delivery.settings.DeliverySettings;
import dev.millrace.delivery.settings.DestinationSettings;
import dev.millrace.delivery.settings.S3Target;
import dev.millrace.delivery.settings.SettingsReader;
import dev.millrace.delivery.splunk.SplunkDestination;
import dev.millrace.delivery.splunk.SplunkSettings;
import dev.millrace.delivery.sql.PostgresDestination;
import dev.millrace.delivery.sql.PostgresSettings;
import dev.millrace.delivery.sql.RedshiftDestination;
import dev.millrace.delivery.sql.RedshiftSettings;
import dev.millrace.delivery.status.DeliveryMetrics;
import dev.millrace.delivery.status.WorkerStatus;
import dev.millrace.delivery.topic.TopicDestination;
import dev.millrace.delivery.topic.TopicSettings;
import dev.millrace.shard.encryption.EncryptionKeyDirectory;
import dev.millrace.shard.encryption.EncryptionKeys;
import dev.millrace.workload.status.StatusServer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A delivery worker as a process: reads its variables and runs until it is told to stop. */
public final class DeliveryMain {

    private static final Logger log = LoggerFactory.getLogger(DeliveryMain.class);
    private static final int CONCURRENCY = 4;

    private DeliveryMain() {}

    public static void main(String[] args) throws Exception {
        run(System.getenv(), DeliverySteps.NONE);
    }

    /** Runs until the process is told to stop. */
    static void run(Map<String, String> variables, DeliverySteps steps)
            throws IOException, InterruptedException {
        Path secrets =
                Path.of(
                        variables.getOrDefault(
                                "MILLRACE_DELIVERY_SECRETS", "/etc/millrace/delivery/secrets"));
        Path config =
                Path.of(
                        variables.getOrDefault(
                                "MILLRACE_DELIVERY_CONFIG", "/etc/millrace/delivery/spec.json"));
        DeliverySettings settings = new SettingsReader(secrets).read(Files.readString(config));
        WorkerStatus status =
                new WorkerStatus(settings.name(), settings.id(), InstantSource.system());
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(metrics);
        new DeliveryMetrics(status, settings.name(), settings.destination().metricName())
                .bindTo(metrics);
        int port = Integer.parseInt(variables.getOrDefault("MILLRACE_METRICS_PORT", "9464"));

        StatusServer server = StatusServer.start(port, status, metrics::scrape);
        Destination destination;
        DeliveryWorker worker;
        try {
            destination = destination(settings, status);
            worker =
                    new DeliveryWorker(
                            plan(variables, settings, destination, status),
                            status,
                            InstantSource.system(),
                            new SecureRandom(),
                            steps);
        } catch (RuntimeException | Error e) {
            // Or it would keep the process, which delivers nothing.
            server.close();
            throw e;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .unstarted(() -> {
                                    close(worker, destination, server);
                                    stopped.countDown();
                                }));
        worker.start();
        log.info("Delivers stream {} as {}", settings.source(), settings.name());
        System.out.println("status on port " + server.port());
        stopped.await();
    }

    private static DeliveryPlan plan(
            Map<String, String> variables,
            DeliverySettings settings,
            Destination destination,
            WorkerStatus status) {
        Map<String, Object> client = new HashMap<>();
        String servers = variables.get("MILLRACE_BOOTSTRAP_SERVERS");
        if (servers == null || servers.isBlank()) {
            throw new IllegalArgumentException("MILLRACE_BOOTSTRAP_SERVERS is not set");
        }
        client.put("bootstrap.servers", servers);
        client.put("client.id", variables.getOrDefault("POD_NAME", "delivery"));
        String timeout = variables.get("MILLRACE_SESSION_TIMEOUT_MS");
        if (timeout != null) {
            client.put("session.timeout.ms", timeout);
        }
        return new DeliveryPlan(
                client,
                settings.source(),
                settings.id(),
                settings.start(),
                Processors.of(
                        settings.processors(),
                        settings.backsUpAll(),
                        InstantSource.system(),
                        status),
                destination,
                settings.buffering(),
                settings.separator().getBytes(StandardCharsets.UTF_8),
                Runtime.getRuntime().maxMemory() * 35 / 100,
                CONCURRENCY,
                settings.activePartitionsMax(),
                encryptionKeys(variables));
    }

    private static EncryptionKeys encryptionKeys(Map<String, String> variables) {
        String directory = variables.getOrDefault("MILLRACE_ENCRYPTION_KEYS_DIR", "");
        return directory.isEmpty()
                ? EncryptionKeys.NONE
                : new EncryptionKeyDirectory(Path.of(directory));
    }

    private static Destination destination(DeliverySettings settings, WorkerStatus status) {
        Optional<S3Destination> backup = settings.backup().map(target -> s3(settings, target));
        return switch (settings.destination()) {
            case DestinationSettings.S3(S3Target target) -> {
                S3Destination main = s3(settings, target);
                yield new Routed(main, main, backup.orElse(main));
            }
            case DestinationSettings.Postgres(PostgresSettings postgres) -> {
                Destination store = backup.<Destination>map(b -> b).orElseGet(NoErrorOutput::new);
                yield new Routed(
                        new PostgresDestination(
                                postgres, counted(backup, status), InstantSource.system()),
                        store,
                        store);
            }
            case DestinationSettings.Redshift(RedshiftSettings redshift, S3Target objects) -> {
                S3Destination bucket = s3(settings, objects);
                RedshiftDestination main = new RedshiftDestination(redshift, bucket);
                yield new Routed(
                        new GivingUp(
                                main,
                                counted(main, status),
                                settings.retry(),
                                InstantSource.system()),
                        bucket,
                        backup.orElse(bucket));
            }
            case DestinationSettings.Iceberg(IcebergSettings iceberg) ->
                    refusing(new IcebergDestination(iceberg), backup, settings, status);
            case DestinationSettings.Endpoint(EndpointSettings endpoint) ->
                    refusing(
                            new EndpointDestination(endpoint, InstantSource.system()),
                            backup,
                            settings,
                            status);
            case DestinationSettings.Splunk(SplunkSettings splunk) ->
                    refusing(
                            new SplunkDestination(splunk, InstantSource.system()),
                            backup,
                            settings,
                            status);
            case DestinationSettings.Topic(TopicSettings topic) ->
                    refusing(new TopicDestination(topic), backup, settings, status);
            case DestinationSettings.Search(SearchSettings search) ->
                    refusing(new SearchDestination(search), backup, settings, status);
        };
    }

    /** What it refuses, and what cannot be processed, goes to the backup. */
    private static Destination refusing(
            RefusingDestination destination,
            Optional<S3Destination> backup,
            DeliverySettings settings,
            WorkerStatus status) {
        Destination store = backup.<Destination>map(b -> b).orElseGet(NoErrorOutput::new);
        ErrorOutput errors = counted(backup, status);
        return new Routed(
                new GivingUp(destination, errors, settings.retry(), InstantSource.system()),
                store,
                store);
    }

    private static ErrorOutput counted(Optional<S3Destination> backup, WorkerStatus status) {
        return counted(backup.<ErrorOutput>map(b -> b).orElseGet(NoErrorOutput::new), status);
    }

    private static ErrorOutput counted(ErrorOutput errors, WorkerStatus status) {
        return (batch, type, lines) -> {
            errors.writeErrors(batch, type, lines);
            status.refused(batch.id(), lines);
        };
    }

    private static S3Destination s3(DeliverySettings settings, S3Target target) {
        return new S3Destination(
                target.bucket(),
                new ObjectNaming(
                        settings.name(),
                        settings.version(),
                        target.prefix(),
                        target.errorPrefix(),
                        target.extension(),
                        target.zone()),
                target.format(),
                InstantSource.system(),
                CONCURRENCY);
    }

    private static void close(DeliveryWorker worker, Destination destination, StatusServer server) {
        try {
            worker.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        destination.close();
        server.close();
    }
}
