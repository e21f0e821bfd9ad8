/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Arrays for the bodies of batches, used again and again: to fill a new one with zeros, and to move
 * it about when garbage is collected, costs more than to read a body into it. A few of each size
 * are kept, eight megabytes in all. Safe to use from any thread.
 */
final class BodyBuffers {

    private static final int SMALLEST = 64 * 1024;
    private static final int LARGEST = 1024 * 1024;
    private static final int KEPT_OF_EACH_SIZE = 4;

    private final List<BlockingQueue<byte[]>> kept = new ArrayList<>();

    BodyBuffers() {
        for (int size = SMALLEST; size <= LARGEST; size *= 2) {
            kept.add(new ArrayBlockingQueue<>(KEPT_OF_EACH_SIZE));
        }
    }

    /** How large the array for a body is. */
    static int sizeFor(int length) {
        return length <= SMALLEST / 2 || length > LARGEST
                ? length
                : Math.max(SMALLEST, Integer.highestOneBit(length - 1) * 2);
    }

    /** An array of a size that {@link #sizeFor} gives; what it holds is of no meaning. */
    byte[] take(int size) {
        if (isKept(size)) {
            byte[] used = of(size).poll();
            if (used != null) {
                return used;
            }
        }
        return new byte[size];
    }

    /** Takes back an array that nobody looks at any more. */
    void giveBack(byte[] buffer) {
        if (isKept(buffer.length)) {
            // Where enough are kept it is left to the collector.
            of(buffer.length).offer(buffer);
        }
    }

    private static boolean isKept(int size) {
        return size >= SMALLEST && size <= LARGEST && Integer.bitCount(size) == 1;
    }

    private BlockingQueue<byte[]> of(int size) {
        return kept.get(Integer.numberOfTrailingZeros(size / SMALLEST));
    }
}
