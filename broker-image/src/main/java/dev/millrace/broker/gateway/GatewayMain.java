/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.access.AccessKeyDirectory;
import dev.millrace.broker.env.Environment;
import dev.millrace.broker.health.HealthServer;
import dev.millrace.broker.queuekeeper.KafkaQueueKeepers;
import dev.millrace.broker.shardmap.KafkaShardMap;
import dev.millrace.broker.signing.SigV4Authenticator;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.tls.TlsDirectory;
import dev.millrace.broker.wire.ApiServer;
import dev.millrace.shard.encryption.EncryptionKeyDirectory;
import dev.millrace.shard.encryption.EncryptionKeys;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code gateway} container of a broker pod. */
public final class GatewayMain {

    private static final Logger log = LoggerFactory.getLogger(GatewayMain.class);
    private static final int READERS_MAX = 16;

    private GatewayMain() {}

    /** What runs, in the order in which it was started. */
    private static final class Started {
        private final ReentrantLock lock = new ReentrantLock();
        // Guarded by lock: the process may be told to stop while it starts.
        private final Deque<AutoCloseable> parts = new ArrayDeque<>();

        <T extends AutoCloseable> T add(T part) {
            lock.lock();
            try {
                parts.push(part);
                return part;
            } finally {
                lock.unlock();
            }
        }

        /** Stops the last started first. */
        void close() {
            lock.lock();
            try {
                while (!parts.isEmpty()) {
                    parts.pop().close();
                }
            } catch (Exception e) {
                log.warn("The gateway did not stop in order", e);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Runs until the process is told to stop. */
    public static void run(Environment environment) throws InterruptedException {
        PrometheusMeterRegistry metrics = metrics();
        AtomicBoolean stopping = new AtomicBoolean();
        AtomicReference<BooleanSupplier> ready = new AtomicReference<>(() -> false);
        Started started = new Started();
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .unstarted(() -> {
                                    stopping.set(true);
                                    started.close();
                                    stopped.countDown();
                                }));
        // The first, so that the pod is live while it waits for Kafka.
        started.add(
                HealthServer.start(
                        environment.integer("MILLRACE_METRICS_PORT", 1, 9464),
                        () -> !stopping.get() && ready.get().getAsBoolean(),
                        metrics::scrape));
        AccessKeyDirectory keys =
                started.add(
                        new AccessKeyDirectory(
                                Path.of(environment.required("MILLRACE_ACCESS_KEYS_DIR")),
                                Duration.ofSeconds(2)));
        keys.start();
        Account account =
                new Account(
                        environment.orElse("MILLRACE_REGION", Account.DEFAULT_REGION),
                        environment.orElse("MILLRACE_ACCOUNT_ID", Account.DEFAULT_ID));
        KafkaBackend backend = started.add(join(environment, account));
        Gateway gateway =
                started.add(
                        new Gateway(
                                ApiServer.Settings.of(
                                                "0.0.0.0",
                                                environment.integer(
                                                        "MILLRACE_GATEWAY_PORT", 1, 4567))
                                        .withTlsPort(
                                                environment.integer(
                                                        "MILLRACE_GATEWAY_TLS_PORT", 1, 4568)),
                                backend.backend(),
                                new Gateway.Surroundings(
                                        account,
                                        new SigV4Authenticator(
                                                keys,
                                                Set.of("kinesis", "firehose"),
                                                InstantSource.system()),
                                        InstantSource.system(),
                                        new SecureRandom(),
                                        metrics,
                                        Gateway.Surroundings.quarterOfHeap(),
                                        encryptionKeys(environment),
                                        true)));
        metrics.getPrometheusRegistry().register(gateway.streamMetrics());
        metrics.getPrometheusRegistry().register(gateway.queueMetrics());
        metrics.getPrometheusRegistry().register(backend.volumeMetrics());
        backend.start();
        gateway.start();
        followTls(environment, gateway).ifPresent(started::add);
        ready.set(backend::isReady);
        log.info("The gateway takes requests on port {}", gateway.port());
        stopped.await();
    }

    /** Where there is a certificate, TLS is spoken with what it is at any time. */
    private static Optional<TlsDirectory> followTls(Environment environment, Gateway gateway) {
        String directory = environment.orElse("MILLRACE_TLS_DIR", "");
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        TlsDirectory tls =
                new TlsDirectory(Path.of(directory), Duration.ofSeconds(2), gateway::identify);
        tls.start();
        return Optional.of(tls);
    }

    /** A pool that names no Secret has no keys. */
    private static EncryptionKeys encryptionKeys(Environment environment) {
        String directory = environment.orElse("MILLRACE_ENCRYPTION_KEYS_DIR", "");
        return directory.isEmpty()
                ? EncryptionKeys.NONE
                : new EncryptionKeyDirectory(Path.of(directory));
    }

    private static KafkaBackend join(Environment environment, Account account)
            throws InterruptedException {
        String bootstrapServers = environment.required("MILLRACE_BOOTSTRAP_SERVERS");
        int replication = environment.integer("MILLRACE_REPLICATION", 1, 1);
        String name = environment.orElse("POD_NAME", "gateway");
        SecureRandom random = new SecureRandom();
        return new KafkaBackend(
                new KafkaQueueKeepers.Settings(bootstrapServers, replication, name),
                PoolShards.join(
                        new KafkaShardMap.Settings(
                                bootstrapServers, replication, account.id(), name),
                        InstantSource.system(),
                        random),
                READERS_MAX,
                InstantSource.system(),
                random);
    }

    private static PrometheusMeterRegistry metrics() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        @SuppressWarnings("resource") // For the life of the process.
        JvmGcMetrics gc = new JvmGcMetrics();
        gc.bindTo(registry);
        return registry;
    }
}
