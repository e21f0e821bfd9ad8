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

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

    private final Deque<Found.Item> records = new ArrayDeque<>();
    private long next;
    private boolean looking;
    private Instant notBefore = Instant.MIN;

    /**
     * @param next the first offset that matters
     */
    ReadAhead(long next) {
        this.next = next;
    }

    /**
     * The offset to look from, if it is time to look.
     *
     * @param few how many records that are known ahead are too few
     */
    Optional<Long> toLook(int few, Instant now) {
        boolean wanted = !looking && records.size() <= few && !notBefore.isAfter(now);
        return wanted ? Optional.of(next) : Optional.empty();
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

    Optional<Found.Item> peek() {
        return Optional.ofNullable(records.peekFirst());
    }

    void take() {
        records.removeFirst();
    }
}
