/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

import java.time.Duration;
import java.time.Instant;

/**
 * Has the heap collected, and so given back, when a worker has had something to do and has had
 * nothing to do for a while since. The serial collector does nothing as long as nothing is
 * allocated. For one thread.
 */
final class IdleCleanup {

    private static final Duration AFTER = Duration.ofSeconds(30);
    private static final long WORTH_BYTES = 8 << 20;

    private final Runnable collect;
    private Instant lastBusy;

    /** To start is work, too. */
    private long bytes = WORTH_BYTES;

    IdleCleanup(Runnable collect, Instant started) {
        this.collect = collect;
        this.lastBusy = started;
    }

    void read(long count) {
        bytes += count;
    }

    /**
     * Looks whether it is time.
     *
     * @param isBusy whether records are read or held
     */
    void look(boolean isBusy, Instant now) {
        if (isBusy) {
            lastBusy = now;
        } else if (bytes >= WORTH_BYTES && !now.isBefore(lastBusy.plus(AFTER))) {
            bytes = 0;
            collect.run();
        }
    }
}
