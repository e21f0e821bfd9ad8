/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import dev.millrace.shard.map.QueueDefinition;
import java.time.Instant;
import java.util.Optional;

/**
 * How a queue stands at a moment: of what was received at least once and is not settled.
 *
 * @param inFlight records that somebody works on
 * @param returned records that came back and wait for the next receiver
 * @param dead dead letters
 * @param oldestArrival when the stream got the oldest of all these
 */
public record QueueStanding(
        QueueDefinition queue,
        int inFlight,
        int returned,
        int dead,
        Optional<Instant> oldestArrival) {}
