/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The bodies that are being received. One that comes too slowly is given up, sooner while others
 * are refused because all memory for requests is taken.
 *
 * <p>{@link #sweep} is called by one thread, all else by any.
 */
final class SlowBodies {

    private static final Duration LOOK_AT = Duration.ofSeconds(5);
    private static final long BYTES_PER_SECOND = 16 * 1024;
    private static final Duration LOOK_AT_WHEN_FULL = Duration.ofSeconds(1);
    private static final long BYTES_PER_SECOND_WHEN_FULL = 256 * 1024;

    private final Set<Arriving> arriving = ConcurrentHashMap.newKeySet();
    private volatile boolean full;

    /** One body on its way. */
    final class Arriving implements AutoCloseable {
        private final Consumer<Throwable> giveUp;
        // Written by the one thread that receives.
        private volatile long bytes;
        private long lookedAtNanos = System.nanoTime();
        private long lookedAtBytes;

        private Arriving(Consumer<Throwable> giveUp) {
            this.giveUp = giveUp;
        }

        void received(long bytesSoFar) {
            bytes = bytesSoFar;
        }

        @Override
        public void close() {
            arriving.remove(this);
        }
    }

    /**
     * @param giveUp ends the wait for more, on the thread that sweeps
     */
    Arriving begin(Consumer<Throwable> giveUp) {
        Arriving begun = new Arriving(giveUp);
        arriving.add(begun);
        return begun;
    }

    /** A request had to be refused because others take all the memory. */
    void wasFull() {
        full = true;
    }

    void sweep(long nowNanos) {
        boolean now = full;
        full = false;
        Duration lookAt = now ? LOOK_AT_WHEN_FULL : LOOK_AT;
        long bytesPerSecond = now ? BYTES_PER_SECOND_WHEN_FULL : BYTES_PER_SECOND;
        for (Arriving one : arriving) {
            long passed = nowNanos - one.lookedAtNanos;
            if (passed < lookAt.toNanos()) {
                continue;
            }
            long bytes = one.bytes;
            if (bytes - one.lookedAtBytes < passed / 1e9 * bytesPerSecond) {
                one.close();
                one.giveUp.accept(new TimeoutException("The body comes too slowly"));
            } else {
                one.lookedAtNanos = nowNanos;
                one.lookedAtBytes = bytes;
            }
        }
    }
}
