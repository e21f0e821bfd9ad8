/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import java.time.Duration;

/** The largest of the values of the last minute or a little more. Safe to use from any thread. */
final class RecentMax {

    private static final long HALF_NANOS = Duration.ofSeconds(30).toNanos();

    private long beganAtNanos;
    private long current;
    private long last;

    synchronized void add(long value, long nowNanos) {
        turn(nowNanos);
        current = Math.max(current, value);
    }

    synchronized long get(long nowNanos) {
        turn(nowNanos);
        return Math.max(current, last);
    }

    private void turn(long nowNanos) {
        long halves = (nowNanos - beganAtNanos) / HALF_NANOS;
        if (halves > 0) {
            last = halves == 1 ? current : 0;
            current = 0;
            beganAtNanos = nowNanos;
        }
    }
}
