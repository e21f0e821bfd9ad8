/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.metrics;

import dev.millrace.crds.Condition;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.processing.Controller;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How often each controller reconciles, how long it takes, whether it fails; and how many resources
 * are ready. The number of time series depends on the number of controllers only: the framework's
 * own metrics, with a histogram for each resource, would grow with the streams.
 */
public final class OperatorMetrics implements Metrics {

    static final String RECONCILE = "millrace.operator.reconcile";
    static final String RESOURCES = "millrace.resources";

    /** Those that see every resource of a kind. */
    private static final Set<String> COUNTED_BY = Set.of("stream", "brokerpool");

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10), Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;

    public OperatorMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void controllerRegistered(Controller<? extends HasMetadata> controller) {
        if (COUNTED_BY.contains(controller.getConfiguration().getName())) {
            count(controller, true);
            count(controller, false);
        }
    }

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        Timer.Sample sample = Timer.start(registry);
        String result = "failure";
        try {
            T done = execution.execute();
            result = "success";
            return done;
        } finally {
            sample.stop(
                    Timer.builder(RECONCILE)
                            .description("Time that one reconciliation takes")
                            .tag("controller", execution.controllerName())
                            .tag("action", execution.name())
                            .tag("result", result)
                            .serviceLevelObjectives(BUCKETS)
                            .register(registry));
        }
    }

    private void count(Controller<? extends HasMetadata> controller, boolean ready) {
        Gauge.builder(
                        RESOURCES,
                        controller,
                        c ->
                                c.getEventSourceManager()
                                        .getControllerEventSource()
                                        .list()
                                        .filter(resource -> isReady(resource) == ready)
                                        .count())
                .description("How many resources there are, by whether they are ready")
                .tag("kind", controller.getConfiguration().getResourceClass().getSimpleName())
                .tag("ready", Boolean.toString(ready))
                .register(registry);
    }

    static boolean isReady(HasMetadata resource) {
        return conditions(resource).stream()
                .anyMatch(condition ->
                        condition.type().equals("Ready") && condition.status().equals("True"));
    }

    private static List<Condition> conditions(HasMetadata resource) {
        return switch (resource) {
            case Stream stream ->
                    Optional.ofNullable(stream.getStatus())
                            .map(StreamStatus::conditions)
                            .orElse(List.of());
            case BrokerPool pool ->
                    Optional.ofNullable(pool.getStatus())
                            .map(BrokerPoolStatus::conditions)
                            .orElse(List.of());
            default -> List.of();
        };
    }
}
