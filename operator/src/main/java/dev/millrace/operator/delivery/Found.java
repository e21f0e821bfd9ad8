/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Optional;

/** How a delivery stream stands, as one reconcile found it. */
sealed interface Found {

    /** It waits for something else, which may come by itself or by somebody. */
    record Waiting(
            DeliveryReason reason,
            String message,
            Optional<Deployment> workers,
            Optional<DeliverySources.Result.Known> source)
            implements Found {}

    /** It gets on only when somebody changes it. */
    record Stuck(DeliveryReason reason, String message) implements Found {}

    /** Somebody deleted it through the API: its resource follows. */
    record DeletedThroughApi() implements Found {}

    /**
     * It has its workers.
     *
     * @param report what those say that answer
     * @param failing what a worker said when it ended, where it cannot run
     */
    record Made(
            DeliveryConfiguration configuration,
            DeliverySources.Result.Known source,
            Deployment workers,
            Optional<WorkerReport> report,
            Optional<String> failing)
            implements Found {}
}
