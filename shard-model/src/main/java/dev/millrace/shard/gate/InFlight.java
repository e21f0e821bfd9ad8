/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.gate;

import dev.millrace.shard.RoundId;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** The puts to one shard that were admitted and are not done. */
final class InFlight {

    /** A shard of one life of a stream. */
    record Key(StreamId stream, ShardId shard) {}

    private final Key key;
    private final AtomicInteger puts = new AtomicInteger();
    private volatile boolean over;
    private final AtomicReference<Optional<RoundId>> reported =
            new AtomicReference<>(Optional.empty());

    InFlight(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    void enter() {
        puts.incrementAndGet();
    }

    /** Whether that was the last one. */
    boolean leave() {
        return puts.decrementAndGet() == 0;
    }

    /** The stream is gone. */
    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    boolean isEmpty() {
        return puts.get() == 0;
    }

    /** Whether this is the first time that the shard is found drained in that round. */
    boolean firstReportOf(RoundId round) {
        Optional<RoundId> now = Optional.of(round);
        return !reported.getAndSet(now).equals(now);
    }
}
