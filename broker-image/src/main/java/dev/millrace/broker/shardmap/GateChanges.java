/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets puts wait until the gate may have opened. Take the version before asking the gate, and wait
 * for a later one: a change in between is not missed.
 */
public final class GateChanges {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile long version;

    public long version() {
        return version;
    }

    /**
     * Waits until the version is a later one.
     *
     * @return false when the time is up
     */
    public boolean awaitLaterThan(long seen, long deadlineNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (version == seen) {
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0 || changed.awaitNanos(left) <= 0 && version == seen) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    void signal() {
        lock.lock();
        try {
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
