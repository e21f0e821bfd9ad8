/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.time.Instant;
import java.util.stream.Stream;

/**
 * Destinations for what there is to be delivered; two of them may be the same.
 *
 * @param data for records
 * @param failed for error lines
 * @param backup for records as they came
 */
public record Routed(Destination data, Destination failed, Destination backup)
        implements Destination {

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return of(key).nameOf(key, oldestArrival, id);
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        of(batch.descriptor().key()).deliver(batch);
    }

    @Override
    public boolean isOrdered(BufferKey key) {
        return of(key).isOrdered(key);
    }

    @Override
    public void close() {
        Stream.of(data, failed, backup).distinct().forEach(Destination::close);
    }

    private Destination of(BufferKey key) {
        return switch (key) {
            case BufferKey.Data _ -> data;
            case BufferKey.Failed _ -> failed;
            case BufferKey.Backup _ -> backup;
        };
    }
}
