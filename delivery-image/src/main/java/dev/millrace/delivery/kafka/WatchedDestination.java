/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.Destination;
import dev.millrace.delivery.batch.SealedBatch;
import java.time.Instant;

/** A destination whose uploads are steps that somebody watches. */
record WatchedDestination(Destination destination, DeliverySteps steps) implements Destination {

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return destination.nameOf(key, oldestArrival, id);
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        steps.at(DeliverySteps.Step.UPLOADING);
        destination.deliver(batch);
        steps.at(DeliverySteps.Step.UPLOADED);
    }

    @Override
    public boolean isOrdered(BufferKey key) {
        return destination.isOrdered(key);
    }

    @Override
    public void close() {
        destination.close();
    }
}
