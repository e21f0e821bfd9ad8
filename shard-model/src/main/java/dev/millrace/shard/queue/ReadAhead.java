/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The next records of one shard that nobody has received, as far as a keeper has looked. It may be
 * lost at any time. For one thread.
 */
final class ReadAhead {

    /** How many records are known ahead; a keeper looks on when half of them are given out. */
    static final int RECORDS_MAX = 500;

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

    private final Deque<Found.Record> records = new ArrayDeque<>();
    private long next;
    private boolean looking;
    private Instant notBefore = Instant.MIN;

    /**
     * @param next the first offset that matters
     */
    ReadAhead(long next) {
        this.next = next;
    }

    /** The offset to look from, if it is time to look. */
    Optional<Long> toLook(Instant now) {
        boolean wanted = !looking && records.size() <= RECORDS_MAX / 2 && !notBefore.isAfter(now);
        return wanted ? Optional.of(next) : Optional.empty();
    }

    long next() {
        return next;
    }

    void looking() {
        looking = true;
    }

    void found(Found found) {
        looking = false;
        found.records().stream().filter(record -> record.offset() >= next).forEach(records::add);
        next = Math.max(next, found.nextOffset());
    }

    void failed(Instant now) {
        looking = false;
        notBefore = now.plus(PAUSE_AFTER_FAILURE);
    }

    Optional<Found.Record> peek() {
        return Optional.ofNullable(records.peekFirst());
    }

    void take() {
        records.removeFirst();
    }
}
