/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.time.Instant;
import java.util.List;

/**
 * Where there is no bucket for records that cannot be delivered. It never works, so delivery waits
 * and says why: nothing is dropped.
 */
public final class NoErrorOutput implements Destination, ErrorOutput {

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return id.toString();
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        throw none(batch.payload().count());
    }

    @Override
    public void writeErrors(BatchDescriptor batch, String errorType, List<ErrorLine> lines)
            throws DeliveryException {
        throw none(lines.size());
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    private static DeliveryException none(int count) {
        return new DeliveryException(
                "NoErrorOutput",
                count + " records cannot be delivered, and there is no spec.backup to keep them");
    }
}
