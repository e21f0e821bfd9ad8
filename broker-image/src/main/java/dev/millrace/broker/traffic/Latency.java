/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import java.util.concurrent.atomic.LongAdder;

/** How often something was done and how long it took in all. Safe to use from any thread. */
final class Latency {

    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    void add(long tookNanos) {
        count.increment();
        nanos.add(tookNanos);
    }

    long count() {
        return count.sum();
    }

    double seconds() {
        return nanos.sum() / 1e9;
    }
}
