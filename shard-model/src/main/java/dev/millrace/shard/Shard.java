/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;

/**
 * A shard: a range of hash keys whose records lie in one partition, from a first offset on.
 *
 * @param id its number in the stream
 * @param parents none for a first shard, one after a split, two (lower range first) after a merge
 * @param range the hash keys it takes or took
 * @param partition the partition of the stream's topic that holds its records
 * @param firstOffset the first offset of that partition that belongs to this shard
 * @param createdAt when it was opened
 * @param phase whether it takes records
 */
public record Shard(
        ShardId id,
        List<ShardId> parents,
        HashKeyRange range,
        int partition,
        long firstOffset,
        Instant createdAt,
        Phase phase) {

    public Shard {
        parents = List.copyOf(parents);
        if (parents.size() > 2) {
            throw new IllegalArgumentException("A shard has at most two parents, not " + parents);
        }
        if (partition < 0 || firstOffset < 0) {
            throw new IllegalArgumentException("Partitions and offsets are not negative: " + id);
        }
    }

    /**
     * Open -> Closing: a reshard announces that this shard is about to close. Closing -> Open: not
     * every gateway drained in time, so the announcement is taken back. Closing -> Closed: the last
     * offset is known and the children are open. Nothing leaves Closed.
     */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "phase")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Open.class, name = "OPEN"),
        @JsonSubTypes.Type(value = Closing.class, name = "CLOSING"),
        @JsonSubTypes.Type(value = Closed.class, name = "CLOSED")
    })
    public sealed interface Phase {}

    /** It takes records. */
    public record Open() implements Phase {}

    /**
     * It takes no new records for now, and gateways say when their last put to it is done.
     *
     * @param round the round of the reshard that they acknowledge
     */
    public record Closing(RoundId round) implements Phase {}

    /**
     * It takes no more records.
     *
     * @param endOffset the offset behind its last record, exclusive
     * @param closedAt when it was closed: its records expire counted from there at the latest
     */
    public record Closed(long endOffset, Instant closedAt) implements Phase {}

    public Shard withPhase(Phase next) {
        return new Shard(id, parents, range, partition, firstOffset, createdAt, next);
    }

    /** Whether the API calls it open: closing is not seen from outside. */
    @JsonIgnore
    public boolean isOpen() {
        return !(phase instanceof Closed);
    }

    /** The place before its first record. */
    public SequenceNumber startingSequenceNumber() {
        return new SequenceNumber(id, firstOffset - 1);
    }
}
