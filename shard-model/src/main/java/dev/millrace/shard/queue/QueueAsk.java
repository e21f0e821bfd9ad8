/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.shard.QueueId;
import java.util.List;
import java.util.Optional;

/** What a gateway asks the keeper of a queue for. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "ask")
@JsonSubTypes({
    @JsonSubTypes.Type(value = QueueAsk.Receive.class, name = "receive"),
    @JsonSubTypes.Type(value = QueueAsk.Settle.class, name = "settle")
})
public sealed interface QueueAsk {

    /** Who asks, and gets the reply. */
    String gateway();

    /** What the reply says it is to. */
    String id();

    QueueId queue();

    /**
     * Records, please.
     *
     * @param dead whether dead letters are wanted
     * @param recordsMax how many at most
     * @param bytesMax how many bytes at most; a first record that is larger comes alone
     * @param waitMillis how long to wait for one
     * @param visibilitySeconds how long they are invisible; the queue's own time if empty
     */
    record Receive(
            String gateway,
            String id,
            QueueId queue,
            boolean dead,
            int recordsMax,
            int bytesMax,
            long waitMillis,
            Optional<Integer> visibilitySeconds)
            implements QueueAsk {}

    /**
     * Something became of records that were received.
     *
     * @param dead whether they are to be dead letters
     */
    record Settle(
            String gateway,
            String id,
            QueueId queue,
            boolean dead,
            Change change,
            List<Entry> entries)
            implements QueueAsk {
        public Settle {
            entries = List.copyOf(entries);
        }
    }

    /** What is to become of a record. */
    enum Change {
        ACKNOWLEDGE,
        RESTORE,
        VISIBILITY
    }

    /**
     * @param handout which time it was given out
     * @param visibilitySeconds the time that VISIBILITY needs, from now on; else 0
     */
    record Entry(Place place, long handout, int visibilitySeconds) {}
}
