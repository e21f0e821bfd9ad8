/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.PoolStreams;
import java.time.InstantSource;
import java.util.Optional;

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

    /** The streams of a pool as they were last listed; none before the first time. */
    public Optional<PoolStreams> streamsOf(PoolRef pool) {
        return states.of(pool);
    }

    StreamIndex index() {
        return index;
    }

    StreamWakeups wakeups() {
        return wakeups;
    }
}
