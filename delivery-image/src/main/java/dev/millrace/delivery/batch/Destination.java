/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.time.Instant;

/** Where batches go. Safe to use from any thread. */
public interface Destination extends AutoCloseable {

    /**
     * What a batch is called here. Asked once, when it is sealed.
     *
     * @param oldestArrival when its first record came
     */
    String nameOf(BufferKey key, Instant oldestArrival, BatchId id);

    /**
     * Delivers a batch, or finds that this was done before. It may be called again for the same
     * batch, by another worker and at the same time, and must have the effect of one call.
     *
     * @throws DeliveryException if it did not work, as far as one can know
     */
    void deliver(SealedBatch batch) throws DeliveryException;

    /** Whether batches of a partition go out one after the other, in the order of their records. */
    default boolean isOrdered(BufferKey key) {
        return false;
    }

    @Override
    void close();
}
