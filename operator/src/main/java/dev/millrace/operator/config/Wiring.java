/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.config;

import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.time.Clock;
import java.time.InstantSource;

/** What has no class of its own that could be injected. */
@ApplicationScoped
public class Wiring {

    @Produces
    @ApplicationScoped
    InstantSource clock() {
        return Clock.systemUTC();
    }

    /** One operator acts at a time; the others wait for its lease. */
    @Produces
    @Unremovable
    @ApplicationScoped
    LeaderElectionConfiguration leaderElection(OperatorConfig config) {
        return new LeaderElectionConfiguration("millrace-operator", config.leaseNamespace());
    }
}
