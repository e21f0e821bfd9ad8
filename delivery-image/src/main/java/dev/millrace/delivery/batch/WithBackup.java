/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.time.Instant;

/** A destination for all but the backup, which goes elsewhere. */
public record WithBackup(Destination main, Destination backup) implements Destination {

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return of(key).nameOf(key, oldestArrival, id);
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        of(batch.descriptor().key()).deliver(batch);
    }

    @Override
    public void close() {
        main.close();
        backup.close();
    }

    private Destination of(BufferKey key) {
        return key instanceof BufferKey.Backup ? backup : main;
    }
}
