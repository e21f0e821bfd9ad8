/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.wire.RequestMeter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Times requests by operation and outcome; both are from closed sets, so the meters are few. */
final class MeteredRequests implements RequestMeter {

    private final MeterRegistry registry;
    private final ConcurrentHashMap<Key, Timer> timers = new ConcurrentHashMap<>();

    private record Key(String target, String outcome) {}

    MeteredRequests(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void record(String target, String outcome, long nanos) {
        timers.computeIfAbsent(new Key(target, outcome), this::timer)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Key key) {
        return Timer.builder("millrace.requests")
                .description("Requests to the gateway")
                .tag("operation", key.target().substring(key.target().indexOf('.') + 1))
                .tag("outcome", key.outcome())
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(25),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1))
                .register(registry);
    }
}
