/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of requests or events that may be in memory at once, so that a flood cannot fill it.
 */
public final class RequestBudget {

    private final long bytesMax;
    private final AtomicLong bytesUsed = new AtomicLong();

    public RequestBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Takes bytes out of the budget, if it has them. */
    public boolean tryAcquire(long bytes) {
        long used = bytesUsed.addAndGet(bytes);
        if (used > bytesMax) {
            bytesUsed.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    public void release(long bytes) {
        bytesUsed.addAndGet(-bytes);
    }

    /** What is left of it now. */
    public long bytesFree() {
        return Math.max(0, bytesMax - bytesUsed.get());
    }

    public long bytesUsed() {
        return bytesUsed.get();
    }
}
