/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.gate;

import dev.millrace.shard.Shard;
import dev.millrace.shard.map.StreamStatus;
import dev.millrace.shard.map.StreamView;

/** Whether a put may be sent to the brokers now. */
public sealed interface Admission {

    /**
     * It may, to that shard. Give the pass back with {@link PutGate#done}, whatever becomes of the
     * put.
     */
    record Admitted(Pass pass) implements Admission {}

    /**
     * Not now: the shard is closing, or this gateway has no lease. It may once the gate changes.
     */
    record NotNow(Cause cause) implements Admission {}

    /** There is no such stream. */
    record NoStream() implements Admission {}

    /** The stream takes no records. */
    record NotActive(StreamStatus status) implements Admission {}

    /** Why a put has to wait. */
    enum Cause {
        SHARD_IS_CLOSING,
        NO_LEASE
    }

    /** The right to one put to one shard. */
    final class Pass {
        private final StreamView stream;
        private final Shard shard;
        private final InFlight counter;
        private final Membership membership;

        Pass(StreamView stream, Shard shard, InFlight counter, Membership membership) {
            this.stream = stream;
            this.shard = shard;
            this.counter = counter;
            this.membership = membership;
        }

        public StreamView stream() {
            return stream;
        }

        public Shard shard() {
            return shard;
        }

        InFlight counter() {
            return counter;
        }

        Membership membership() {
            return membership;
        }
    }
}
