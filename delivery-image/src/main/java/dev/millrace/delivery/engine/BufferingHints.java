/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import java.time.Duration;

/**
 * When a buffer goes out: at the size or at the age, whichever it has first.
 *
 * @param sizeBytes counted as the records are written, before compression
 * @param age since the buffer got its first record
 */
public record BufferingHints(long sizeBytes, Duration age) {

    /** A buffer that is to wait for nothing gathers what comes at about the same time. */
    private static final Duration AGE_MIN = Duration.ofMillis(200);

    public BufferingHints {
        if (sizeBytes < 1 || age.isNegative()) {
            throw new IllegalArgumentException("Not buffering hints: " + sizeBytes + ", " + age);
        }
        age = age.compareTo(AGE_MIN) < 0 ? AGE_MIN : age;
    }

    /** The same, unless the size is above the given one. */
    public BufferingHints atMost(long bytes) {
        return sizeBytes <= bytes ? this : new BufferingHints(Math.max(1, bytes), age);
    }
}
