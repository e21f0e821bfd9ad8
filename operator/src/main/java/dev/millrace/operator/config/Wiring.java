/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.config;

import dev.millrace.operator.metrics.OperatorMetrics;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.InstantSource;
import java.util.UUID;

/** What has no class of its own that could be injected. */
@ApplicationScoped
public class Wiring {

    @Produces
    @ApplicationScoped
    InstantSource clock() {
        return Clock.systemUTC();
    }

    /** In the place of the framework's, which has a histogram for each resource. */
    @Produces
    @Unremovable
    @Singleton
    Metrics metrics(MeterRegistry registry) {
        return new OperatorMetrics(registry);
    }

    /** One operator acts at a time; the others wait for its lease. */
    @Produces
    @Unremovable
    @ApplicationScoped
    LeaderElectionConfiguration leaderElection(OperatorConfig config, KubernetesClient client) {
        return new Leadership(
                        config.leaseNamespace(),
                        config.identity().orElseGet(() -> UUID.randomUUID().toString()),
                        client)
                .configuration();
    }
}
