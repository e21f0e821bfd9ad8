/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.health;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** Overlooks what is bad for a short while only, but nothing before it was good for once. */
final class Grace {

    static final Duration LASTS = Duration.ofMinutes(2);

    private final InstantSource clock;
    private final AtomicReference<Instant> lastGood = new AtomicReference<>(Instant.MIN);

    Grace(InstantSource clock) {
        this.clock = clock;
    }

    /** Takes what is seen now, and says whether it is to be called good. */
    boolean observe(boolean good) {
        Instant now = clock.instant();
        if (good) {
            lastGood.set(now);
        }
        return lastGood.get().isAfter(now.minus(LASTS));
    }
}
