/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import java.time.Instant;

/**
 * How a record stands that was received and is not settled.
 *
 * <p>In flight until {@code visibleAt}, then visible again; visible again after the last time that
 * the queue allows -> dead; dead -> visible again when it is restored. Any -> settled, which is
 * having no delivery any more.
 *
 * @param receiveCount how often it was received since it was first, or was restored
 * @param handout the number of the last time it was given out, of either kind: only the receipt
 *     handle with this number is good
 * @param visibleAt until when it is in flight
 * @param arrivedAt when the stream got it, which tells when it expires
 * @param bytes what it adds to an answer
 * @param dead whether it is a dead letter
 */
public record Delivery(
        int receiveCount,
        long handout,
        Instant firstReceivedAt,
        Instant visibleAt,
        Instant arrivedAt,
        int bytes,
        boolean dead) {

    boolean isVisible(Instant now) {
        return !visibleAt.isAfter(now);
    }

    static Delivery first(Found.Item record, Instant now, Instant visibleAt) {
        return new Delivery(1, 1, now, visibleAt, record.arrivedAt(), record.bytes(), false);
    }

    /** Given out once more; looking at a dead letter is no attempt to work on it. */
    Delivery again(Instant until) {
        return new Delivery(
                dead ? receiveCount : receiveCount + 1,
                handout + 1,
                firstReceivedAt,
                until,
                arrivedAt,
                bytes,
                dead);
    }

    Delivery visibleFrom(Instant time) {
        return new Delivery(receiveCount, handout, firstReceivedAt, time, arrivedAt, bytes, dead);
    }

    Delivery buried() {
        return new Delivery(
                receiveCount, handout, firstReceivedAt, visibleAt, arrivedAt, bytes, true);
    }

    /** Counted from anew. Its old receipt handles are good for nothing any more. */
    Delivery restored(Instant now) {
        return new Delivery(0, handout + 1, firstReceivedAt, now, arrivedAt, bytes, false);
    }
}
