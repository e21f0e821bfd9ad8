/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is written down of a batch before anything of it goes out. With it, and the source, whoever
 * comes after a crash delivers the very same batch, under the same name.
 *
 * @param partition the partition of the source's topic that all of it comes from
 * @param members the offsets of its records, by the lane of the piece that is in it
 * @param name what the destination calls it, such as an object's key
 * @param oldestArrival when its first record came
 * @param state how far it is
 */
public record BatchDescriptor(
        BatchId id,
        int partition,
        BufferKey key,
        Map<Integer, OffsetSet> members,
        String name,
        Instant oldestArrival,
        State state) {

    /** Sealed, then Delivered, then forgotten once all records before its last are delivered. */
    public enum State {
        /** It may or may not have gone out. */
        SEALED,
        /** It has gone out; its records are passed over when the source is read again. */
        DELIVERED
    }

    public BatchDescriptor {
        members = Collections.unmodifiableMap(new TreeMap<>(members));
        if (members.isEmpty() || members.values().stream().anyMatch(OffsetSet::isEmpty)) {
            throw new IllegalArgumentException("A batch has records: " + id);
        }
    }

    public BatchDescriptor delivered() {
        return new BatchDescriptor(
                id, partition, key, members, name, oldestArrival, State.DELIVERED);
    }

    /** The offset of its first record. */
    public long first() {
        return members.values().stream().mapToLong(OffsetSet::first).min().orElseThrow();
    }

    /** The offset of its last record. */
    public long last() {
        return members.values().stream().mapToLong(OffsetSet::last).max().orElseThrow();
    }
}
