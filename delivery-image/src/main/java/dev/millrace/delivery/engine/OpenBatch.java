/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.OffsetSet;
import dev.millrace.delivery.batch.Output;
import dev.millrace.delivery.batch.Payload;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** A buffer: records of one key that are not sealed yet. */
public final class OpenBatch {

    private final BufferKey key;
    private final Payload payload;
    private final Map<Integer, OffsetSet.Builder> members = new TreeMap<>();
    private final long first;
    private final Instant oldestArrival;
    private final Instant openedAt;

    OpenBatch(
            BufferKey key, byte[] separator, long first, Instant oldestArrival, Instant openedAt) {
        this.key = key;
        this.payload = new Payload(separator);
        this.first = first;
        this.oldestArrival = oldestArrival;
        this.openedAt = openedAt;
    }

    void add(long offset, Instant arrival, Output output) {
        members.computeIfAbsent(output.lane(), _ -> new OffsetSet.Builder()).add(offset);
        payload.append(offset, output.lane(), arrival, output.data());
    }

    public BufferKey key() {
        return key;
    }

    public Payload payload() {
        return payload;
    }

    public Instant oldestArrival() {
        return oldestArrival;
    }

    Instant openedAt() {
        return openedAt;
    }

    long first() {
        return first;
    }

    int runCount() {
        int runs = 0;
        for (OffsetSet.Builder lane : members.values()) {
            runs += lane.runCount();
        }
        return runs;
    }

    long heldBytes() {
        return payload.heldBytes() + 16L * runCount() + 256;
    }

    BatchDescriptor descriptor(BatchId id, int partition, String name) {
        Map<Integer, OffsetSet> built = new TreeMap<>();
        members.forEach((lane, offsets) -> built.put(lane, offsets.build()));
        return new BatchDescriptor(
                id, partition, key, built, name, oldestArrival, BatchDescriptor.State.SEALED);
    }
}
