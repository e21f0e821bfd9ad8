/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

/** Watches a worker at the moments that matter for what a crash leaves behind. */
@FunctionalInterface
public interface DeliverySteps {

    /** The moments, in the order in which a batch passes them. */
    enum Step {
        RECORDS_READ,
        BATCH_SEALED,
        DESCRIPTOR_SENT,
        DESCRIPTOR_COMMITTED,
        UPLOADING,
        UPLOADED,
        COMPLETION_SENT,
        COMPLETION_COMMITTED
    }

    /** Nobody watches. */
    DeliverySteps NONE = _ -> {};

    void at(Step step);
}
