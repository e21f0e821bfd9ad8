/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.util.UUID;
import java.util.random.RandomGenerator;

/** A batch, for ever: what it is delivered as follows from it. */
public record BatchId(UUID value) {

    public static BatchId random(RandomGenerator random) {
        long high = random.nextLong() & ~0xf000L | 0x4000L;
        long low = random.nextLong() & 0x3fffffffffffffffL | 0x8000000000000000L;
        return new BatchId(new UUID(high, low));
    }

    /**
     * @throws IllegalArgumentException if it has another form than {@link #toString} gives
     */
    public static BatchId parse(String text) {
        return new BatchId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
