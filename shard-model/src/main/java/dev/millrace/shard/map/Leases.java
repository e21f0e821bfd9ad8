/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import java.time.Duration;

/** The times of the gateways' leases. */
public final class Leases {

    /** How often a gateway sends a heartbeat. */
    public static final Duration HEARTBEAT = Duration.ofSeconds(2);

    /** How long a gateway may acknowledge puts after it sent a heartbeat that was granted. */
    public static final Duration LEASE = Duration.ofSeconds(15);

    /** How long the writer waits for a heartbeat: the lease and a margin for the clocks' rates. */
    public static final Duration EXPEL_AFTER = Duration.ofSeconds(18);

    /**
     * A gateway that was silent for longer may be dead: no round of a reshard begins until it is
     * known.
     */
    public static final Duration FRESH = Duration.ofSeconds(5);

    private Leases() {}
}
