/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.OffsetSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds the batch of an earlier owner that has a piece of a record. Immutable. */
final class RecoveredMembers {

    private record Member(OffsetSet.Run run, BatchDescriptor batch) {}

    private final Map<Integer, TreeMap<Long, Member>> byLane = new HashMap<>();
    private final long last;

    RecoveredMembers(List<BatchDescriptor> batches) {
        long lastOfAll = -1;
        for (BatchDescriptor batch : batches) {
            batch.members()
                    .forEach((lane, offsets) -> {
                        TreeMap<Long, Member> members =
                                byLane.computeIfAbsent(lane, _ -> new TreeMap<>());
                        offsets.runs()
                                .forEach(run -> members.put(run.first(), new Member(run, batch)));
                    });
            lastOfAll = Math.max(lastOfAll, batch.last());
        }
        this.last = lastOfAll;
    }

    Optional<BatchDescriptor> batchOf(long offset, int lane) {
        if (offset > last) {
            return Optional.empty();
        }
        TreeMap<Long, Member> members = byLane.get(lane);
        Map.Entry<Long, Member> entry = members == null ? null : members.floorEntry(offset);
        return entry == null || entry.getValue().run().last() < offset
                ? Optional.empty()
                : Optional.of(entry.getValue().batch());
    }
}
