/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.status;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** What an application tells of itself, as Prometheus takes it. */
public final class ApplicationMetrics implements MeterBinder {

    private final ApplicationStatus status;
    private final String application;

    public ApplicationMetrics(ApplicationStatus status, String application) {
        this.status = status;
        this.application = application;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter(registry, "millrace.analytics.rows.in", "Rows read", ApplicationStatus::rowsIn);
        counter(
                registry,
                "millrace.analytics.rows.out",
                "Results written",
                ApplicationStatus::rowsOut);
        counter(
                registry,
                "millrace.analytics.rows.late",
                "Rows that came when their results were given",
                ApplicationStatus::lateRows);
        counter(
                registry,
                "millrace.analytics.rows.malformed",
                "Records that are no rows of their table",
                ApplicationStatus::errorRows);
        counter(
                registry,
                "millrace.analytics.offsets.expired",
                "Offsets that expired before they were read",
                ApplicationStatus::expiredOffsets);
        Gauge.builder(
                        "millrace.analytics.behind.seconds",
                        status,
                        s -> s.behindMillis().map(millis -> millis / 1_000.0).orElse(Double.NaN))
                .description("How far behind the clock the slowest input's watermark is")
                .tag("application", application)
                .register(registry);
        Gauge.builder("millrace.analytics.state.bytes", status, ApplicationStatus::stateBytes)
                .description("What the application has to remember, as it was committed last")
                .tag("application", application)
                .register(registry);
        Gauge.builder("millrace.analytics.running", status, s -> s.isReady() ? 1 : 0)
                .description("Whether the application runs")
                .tag("application", application)
                .register(registry);
    }

    private void counter(
            MeterRegistry registry,
            String name,
            String description,
            ToDoubleFunction<ApplicationStatus> count) {
        FunctionCounter.builder(name, status, count)
                .description(description)
                .tag("application", application)
                .register(registry);
    }
}
