/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.operator.config.OperatorConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** What the controllers of delivery streams are given. */
@ApplicationScoped
public class DeliveryWiring {

    @Produces
    @Singleton
    DeliveryCommons commons(OperatorConfig config, InstantSource clock) {
        return new DeliveryCommons(config, clock, DeliveryTiming.DEFAULT);
    }

    @Produces
    @Singleton
    ApiDeliveries apiDeliveries(KubernetesClient client) {
        return new ApiDeliveries(client);
    }

    @Produces
    @Singleton
    HttpWorkerReports reports() {
        return new HttpWorkerReports(DeliveryObjects.PORT);
    }

    void close(@Disposes HttpWorkerReports reports) {
        reports.close();
    }
}
