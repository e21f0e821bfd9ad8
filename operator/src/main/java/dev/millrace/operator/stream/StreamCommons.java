/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import java.time.InstantSource;

/** What the controllers of streams share: one of it in an operator. */
public final class StreamCommons {

    private final InstantSource clock;
    private final StreamTiming timing;
    private final boolean finalizers;
    private final StreamStates states = new StreamStates();
    private final StreamIndex index = new StreamIndex();
    private final StreamWakeups wakeups = new StreamWakeups();

    /**
     * Says how they work.
     *
     * @param finalizers whether Streams get finalizers
     */
    public StreamCommons(InstantSource clock, StreamTiming timing, boolean finalizers) {
        this.clock = clock;
        this.timing = timing;
        this.finalizers = finalizers;
    }

    InstantSource clock() {
        return clock;
    }

    StreamTiming timing() {
        return timing;
    }

    boolean finalizers() {
        return finalizers;
    }

    StreamStates states() {
        return states;
    }

    StreamIndex index() {
        return index;
    }

    StreamWakeups wakeups() {
        return wakeups;
    }
}
