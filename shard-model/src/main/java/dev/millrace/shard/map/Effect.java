/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.RoundId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.util.Optional;
import java.util.Set;

/**
 * Work on the brokers that a decision asks for, done after its records are committed. Each may be
 * asked for again after a change of writer, so each is idempotent; each ends in an {@link Input}.
 */
public sealed interface Effect {

    /**
     * Make the stream's topic, or adopt it where it is there already, empty and of the same size.
     */
    record CreateTopic(
            StreamName stream, StreamId id, String topic, int partitions, StreamSettings settings)
            implements Effect {}

    /**
     * Delete the topic of that id, or of that name where the id is not known yet; done where there
     * is none.
     */
    record DeleteTopic(StreamName stream, StreamId id, String topic, Optional<String> topicId)
            implements Effect {}

    /** Bring the topic's configuration in line with the stream's settings. */
    record ConfigureTopic(StreamId id, String topic, StreamSettings settings) implements Effect {}

    /** Let the topic have at least so many partitions. */
    record EnsurePartitions(StreamId id, String topic, int atLeast) implements Effect {}

    /** Read where the partitions end. */
    record ReadEndOffsets(StreamId id, RoundId round, String topic, Set<Integer> partitions)
            implements Effect {
        public ReadEndOffsets {
            partitions = Set.copyOf(partitions);
        }
    }
}
