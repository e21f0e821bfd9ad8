/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.gate;

import dev.millrace.shard.GatewayId;
import dev.millrace.shard.map.Leases;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One membership of a gateway, from joining to leaving or being expelled. The lease counts from
 * when the heartbeat was sent that the log shows as granted, by the gateway's own monotonic clock.
 */
final class Membership {

    private static final int UNGRANTED_HEARTBEATS_MAX = 64;

    private final GatewayId gateway;
    private final Map<Long, Long> sentAtNanos = new ConcurrentHashMap<>();
    private volatile long leaseUntilNanos;
    private volatile boolean granted;
    private volatile boolean over;

    Membership(GatewayId gateway) {
        this.gateway = gateway;
    }

    GatewayId gateway() {
        return gateway;
    }

    void heartbeatSent(long number, long nowNanos) {
        if (sentAtNanos.size() >= UNGRANTED_HEARTBEATS_MAX) {
            sentAtNanos.keySet().removeIf(old -> old < number - UNGRANTED_HEARTBEATS_MAX / 2);
        }
        sentAtNanos.put(number, nowNanos);
    }

    void granted(long number) {
        Long sentAt = sentAtNanos.get(number);
        if (sentAt != null) {
            leaseUntilNanos = sentAt + Leases.LEASE.toNanos();
            granted = true;
            sentAtNanos.keySet().removeIf(old -> old <= number);
        }
    }

    void end() {
        over = true;
    }

    boolean isGranted() {
        return granted;
    }

    /** Whether puts may be acknowledged at this moment. */
    boolean holds(long nowNanos) {
        return granted && !over && leaseUntilNanos - nowNanos > 0;
    }
}
