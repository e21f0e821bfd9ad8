/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.kafka;

import dev.millrace.broker.env.Environment;
import dev.millrace.broker.health.HealthServer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code kafka} container of a broker pod. */
public final class KafkaMain {

    private static final Logger log = LoggerFactory.getLogger(KafkaMain.class);

    private KafkaMain() {}

    /** Runs until the process is told to stop. */
    public static void run(Environment environment) throws IOException, InterruptedException {
        NodeSettings settings = NodeSettings.of(environment);
        KafkaNode node = new KafkaNode(settings);
        AtomicBoolean caughtUpOnce = new AtomicBoolean();
        PrometheusMeterRegistry metrics = metrics(node);
        CountDownLatch stopped = new CountDownLatch(1);
        HealthServer health =
                HealthServer.start(
                        environment.integer("MILLRACE_KAFKA_METRICS_PORT", 1, 9465),
                        () -> isReady(node, caughtUpOnce),
                        metrics::scrape);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .unstarted(() -> {
                                    node.close();
                                    health.close();
                                    stopped.countDown();
                                }));
        node.start();
        log.info("Kafka node {} takes requests at {}", settings.nodeId(), settings.broker());
        stopped.await();
    }

    /**
     * A pod becomes ready when it has caught up, so that a rolling restart waits for it; later it
     * stays ready while it lags, because it still leads and serves other partitions.
     */
    private static boolean isReady(KafkaNode node, AtomicBoolean caughtUpOnce) {
        if (!node.isRunning()) {
            return false;
        }
        if (!caughtUpOnce.get() && node.isCaughtUp()) {
            caughtUpOnce.set(true);
        }
        return caughtUpOnce.get();
    }

    private static PrometheusMeterRegistry metrics(KafkaNode node) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        @SuppressWarnings("resource") // For the life of the process.
        JvmGcMetrics gc = new JvmGcMetrics();
        gc.bindTo(registry);
        Gauge.builder("millrace.kafka.running", node, n -> n.isRunning() ? 1 : 0)
                .description("1 while the broker is registered and unfenced")
                .register(registry);
        Gauge.builder(
                        "millrace.kafka.under.replicated.partitions",
                        node,
                        KafkaNode::underReplicatedPartitions)
                .description("Partitions that this broker leads and that lack a replica")
                .register(registry);
        return registry;
    }
}
