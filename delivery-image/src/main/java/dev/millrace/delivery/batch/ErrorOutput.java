/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.util.List;

/** Where records go that a destination will never take. Safe to use from any thread. */
public interface ErrorOutput {

    /**
     * Writes down records of a batch, or finds that this was done before: the batch and the type
     * name what is written.
     *
     * @param errorType Firehose's word for why
     * @throws DeliveryException if it did not work, as far as one can know
     */
    void writeErrors(BatchDescriptor batch, String errorType, List<ErrorLine> lines)
            throws DeliveryException;
}
