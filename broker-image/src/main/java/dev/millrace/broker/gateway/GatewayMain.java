/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.access.AccessKeyDirectory;
import dev.millrace.broker.env.Environment;
import dev.millrace.broker.health.HealthServer;
import dev.millrace.broker.shardmap.KafkaShardMap;
import dev.millrace.broker.signing.SigV4Authenticator;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.wire.ApiServer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code gateway} container of a broker pod. */
public final class GatewayMain {

    private static final Logger log = LoggerFactory.getLogger(GatewayMain.class);
    private static final int READERS_MAX = 16;

    private GatewayMain() {}

    /** Runs until the process is told to stop. */
    public static void run(Environment environment) throws InterruptedException {
        Account account =
                new Account(
                        environment.orElse("MILLRACE_REGION", Account.DEFAULT_REGION),
                        environment.orElse("MILLRACE_ACCOUNT_ID", Account.DEFAULT_ID));
        PrometheusMeterRegistry metrics = metrics();
        SecureRandom random = new SecureRandom();
        AtomicBoolean serving = new AtomicBoolean();
        AccessKeyDirectory keys =
                new AccessKeyDirectory(
                        Path.of(environment.required("MILLRACE_ACCESS_KEYS_DIR")),
                        Duration.ofSeconds(2));
        keys.start();
        String bootstrapServers = environment.required("MILLRACE_BOOTSTRAP_SERVERS");
        KafkaBackend backend =
                new KafkaBackend(
                        bootstrapServers,
                        PoolShards.join(
                                new KafkaShardMap.Settings(
                                        bootstrapServers,
                                        environment.integer("MILLRACE_REPLICATION", 1, 1),
                                        account.id(),
                                        environment.orElse("POD_NAME", "gateway")),
                                InstantSource.system(),
                                random),
                        READERS_MAX);
        Gateway gateway =
                new Gateway(
                        ApiServer.Settings.of(
                                "0.0.0.0", environment.integer("MILLRACE_GATEWAY_PORT", 1, 4567)),
                        backend.backend(),
                        new Gateway.Surroundings(
                                account,
                                new SigV4Authenticator(
                                        keys, Set.of("kinesis"), InstantSource.system()),
                                InstantSource.system(),
                                random,
                                metrics,
                                Gateway.Surroundings.quarterOfHeap()));
        HealthServer health =
                HealthServer.start(
                        environment.integer("MILLRACE_METRICS_PORT", 1, 9464),
                        () -> serving.get() && backend.isReady(),
                        metrics::scrape);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .unstarted(() -> {
                                    serving.set(false);
                                    gateway.close();
                                    backend.close();
                                    keys.close();
                                    health.close();
                                    stopped.countDown();
                                }));
        gateway.start();
        serving.set(true);
        log.info("The gateway takes requests on port {}", gateway.port());
        stopped.await();
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
