/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import java.time.Instant;
import java.util.List;

/**
 * Which records a shard has from an offset on.
 *
 * @param nextOffset where to look on: between the last record and it there is none
 */
public record Found(List<Item> records, long nextOffset) {

    public Found {
        records = List.copyOf(records);
    }

    /**
     * A record, without what is in it.
     *
     * @param bytes what it adds to an answer
     */
    public record Item(long offset, Instant arrivedAt, int bytes) {}
}
