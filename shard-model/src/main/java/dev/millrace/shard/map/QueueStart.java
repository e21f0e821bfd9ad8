/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.Shard;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Where in its stream a queue begins. The places in the shards that there were are found once, when
 * the queue is made; shards that are opened later are delivered whole.
 *
 * @param type as the caller named it
 * @param effectiveAt the time from which records are delivered, about
 * @param offsets the first offset of each shard that there was and had more to come, by the shard's
 *     number
 * @param firstLaterShard the number from which on shards are later ones
 */
public record QueueStart(
        Type type, Instant effectiveAt, Map<Long, Long> offsets, long firstLaterShard) {

    /** The API's words. */
    public enum Type {
        TRIM_HORIZON,
        LATEST,
        AT_TIMESTAMP
    }

    public QueueStart {
        offsets = Collections.unmodifiableMap(new TreeMap<>(offsets));
    }

    /**
     * The first offset of a shard that is delivered.
     *
     * @return none if nothing of it is
     */
    public OptionalLong in(Shard shard) {
        if (shard.id().index() >= firstLaterShard) {
            return OptionalLong.of(shard.firstOffset());
        }
        Long offset = offsets.get(shard.id().index());
        return offset == null
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(offset, shard.firstOffset()));
    }
}
