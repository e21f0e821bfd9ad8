/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.OffsetSet;
import dev.millrace.delivery.batch.Payload;
import dev.millrace.delivery.batch.SealedBatch;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/** Batches that are complete. */
public final class Batches {

    /** The same one for the same records. */
    public static final BatchId ID = new BatchId(new UUID(1, 2));

    private Batches() {}

    public static SealedBatch of(String name, String... records) {
        Payload payload = new Payload(new byte[0]);
        OffsetSet.Builder offsets = new OffsetSet.Builder();
        for (int i = 0; i < records.length; i++) {
            offsets.add(i);
            payload.append(i, 0, Instant.EPOCH, records[i].getBytes(StandardCharsets.UTF_8));
        }
        return new SealedBatch(
                new BatchDescriptor(
                        ID,
                        0,
                        BufferKey.Data.ALL,
                        Map.of(0, offsets.build()),
                        name,
                        Instant.EPOCH,
                        BatchDescriptor.State.SEALED),
                payload);
    }
}
