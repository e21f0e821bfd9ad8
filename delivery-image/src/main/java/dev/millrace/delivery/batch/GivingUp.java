/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Tries a destination for some time, as Firehose does, and then writes what is left of a batch to
 * the error output. Where that fails, too, nothing is given up: the batch is tried again. After a
 * crash the time begins anew.
 */
public final class GivingUp implements Destination {

    /** More batches than a worker ever has; beyond it times are forgotten and begin anew. */
    private static final int BATCHES_MAX = 10_000;

    private record Tries(Instant first, int count) {}

    private final RefusingDestination destination;
    private final ErrorOutput errors;
    private final Duration duration;
    private final InstantSource clock;
    private final ConcurrentMap<BatchId, Tries> tries = new ConcurrentHashMap<>();

    /**
     * @param duration how long a batch is tried since its first try failed
     */
    public GivingUp(
            RefusingDestination destination,
            ErrorOutput errors,
            Duration duration,
            InstantSource clock) {
        this.destination = destination;
        this.errors = errors;
        this.duration = duration;
        this.clock = clock;
    }

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return destination.nameOf(key, oldestArrival, id);
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        BatchId id = batch.descriptor().id();
        Instant began = clock.instant();
        try {
            destination.deliver(batch);
        } catch (DeliveryException e) {
            if (tries.size() > BATCHES_MAX) {
                tries.clear();
            }
            Tries tried =
                    tries.merge(
                            id,
                            new Tries(began, 1),
                            (before, _) -> new Tries(before.first(), before.count() + 1));
            Instant now = clock.instant();
            if (!e.isPermanent() && now.isBefore(tried.first().plus(duration))) {
                throw e;
            }
            errors.writeErrors(
                    batch.descriptor(),
                    destination.errorType(),
                    destination.undelivered(batch, e, tried.count(), now));
        }
        tries.remove(id);
        destination.forget(id);
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
