/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.health;

import io.javaoperatorsdk.operator.Operator;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready once the operator watches all that it has to, and until it has failed to for two minutes.
 * An API server ends every watch after some minutes, and the framework's own check, which this one
 * stands in for, then says "down" for the moment until the next is there.
 */
@Readiness
@ApplicationScoped
public class OperatorReadiness implements HealthCheck {

    private final Operator operator;
    private final Grace grace;

    OperatorReadiness(Operator operator, InstantSource clock) {
        this.operator = operator;
        this.grace = new Grace(clock);
    }

    @Override
    public HealthCheckResponse call() {
        boolean started = operator.getRuntimeInfo().isStarted();
        boolean watches = started && operator.getRuntimeInfo().allEventSourcesAreHealthy();
        return HealthCheckResponse.named("Watches of the API server")
                .status(grace.observe(watches))
                .withData("watching", watches)
                .build();
    }
}
