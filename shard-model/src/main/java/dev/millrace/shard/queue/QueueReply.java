/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;

/** What a keeper answers. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "reply")
@JsonSubTypes({
    @JsonSubTypes.Type(value = QueueReply.Received.class, name = "received"),
    @JsonSubTypes.Type(value = QueueReply.Settled.class, name = "settled"),
    @JsonSubTypes.Type(value = QueueReply.Refused.class, name = "refused")
})
public sealed interface QueueReply {

    /** Who asked. */
    String gateway();

    String askId();

    /** These records are in flight now, for who asked. */
    record Received(String gateway, String askId, List<Handed> records) implements QueueReply {
        public Received {
            records = List.copyOf(records);
        }
    }

    /** A record given out; its bytes are read from the stream. */
    record Handed(Place place, long handout, int receiveCount, Instant firstReceivedAt) {}

    /** What became of each entry, in order. */
    record Settled(String gateway, String askId, List<Outcome> outcomes) implements QueueReply {
        public Settled {
            outcomes = List.copyOf(outcomes);
        }
    }

    /** There is nothing to give for a reason. */
    record Refused(String gateway, String askId, Reason reason) implements QueueReply {}

    /** What became of one entry. */
    enum Outcome {
        DONE,
        /** It was received again since. */
        RECEIVED_AGAIN,
        /** It was acknowledged, or has expired. */
        SETTLED,
        /** Its time is over, so that anybody may receive it. */
        NOT_IN_FLIGHT,
        IS_DEAD,
        IS_NOT_DEAD
    }

    /** Why there is nothing. */
    enum Reason {
        /** As many records are received and not acknowledged as a queue can remember. */
        FULL,
        /** As many receivers wait as a keeper can have. */
        BUSY
    }
}
