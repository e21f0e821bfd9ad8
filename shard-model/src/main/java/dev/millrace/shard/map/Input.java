/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.RoundId;
import dev.millrace.shard.StreamId;
import java.util.Map;

/** What the shard map's writer reacts to. */
public sealed interface Input {

    /** What a gateway sent to the inbox. */
    record FromGateway(GatewayMessage message) implements Input {}

    /** Time passed. */
    record Tick() implements Input {}

    record TopicCreated(StreamId id, String topic, String topicId) implements Input {}

    /** The topic's name is taken by a topic that is not this stream's. */
    record TopicNameTaken(StreamId id) implements Input {}

    record TopicDeleted(StreamId id) implements Input {}

    /**
     * @param count how many partitions the topic has now
     */
    record PartitionsReady(StreamId id, int count) implements Input {}

    record EndOffsetsRead(StreamId id, RoundId round, Map<Integer, Long> offsets) implements Input {
        public EndOffsetsRead {
            offsets = Map.copyOf(offsets);
        }
    }

    /** An effect could not be done; it is asked for again where it still matters. */
    record EffectFailed(Effect effect, String message) implements Input {}
}
