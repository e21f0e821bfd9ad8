/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.GatewayId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The gateways that may acknowledge puts, as the writer sees them.
 *
 * <p>The lease: a gateway may acknowledge until {@link Leases#LEASE} after it <em>sent</em> the
 * last heartbeat that the log shows as granted. The writer expels it no sooner than {@link
 * Leases#EXPEL_AFTER} after it <em>received</em> its last heartbeat (or after it became the
 * writer), which is later by the margin, however the message was delayed. So at most the clocks'
 * rates have to agree, not the clocks.
 */
final class Members {

    private static final int EXPELLED_REMEMBERED_MAX = 1_000;

    private final Map<GatewayId, Instant> lastHeard = new HashMap<>();

    /** A late join message of an expelled gateway must not bring it back. */
    private final Set<GatewayId> expelled = new LinkedHashSet<>();

    void takeOver(ShardMap map, Instant now) {
        map.gateways().forEach(gateway -> lastHeard.put(gateway, now));
    }

    Decision heartbeat(ShardMap map, GatewayMessage.Heartbeat heartbeat, Instant now) {
        GatewayId gateway = heartbeat.gateway();
        Optional<ShardMapRecord.GatewayPut> member = map.gateway(gateway);
        if (member.isEmpty() && (!heartbeat.join() || expelled.contains(gateway))) {
            return Decision.NOTHING;
        }
        lastHeard.put(gateway, now);
        Instant joinedAt = member.map(ShardMapRecord.GatewayPut::joinedAt).orElse(now);
        return Decision.write(new ShardMapRecord.GatewayPut(gateway, heartbeat.number(), joinedAt));
    }

    Decision leave(ShardMap map, GatewayId gateway) {
        return map.gateway(gateway).isPresent() ? remove(gateway) : Decision.NOTHING;
    }

    Decision expelSilent(ShardMap map, Instant now) {
        Decision decision = Decision.NOTHING;
        for (GatewayId gateway : map.gateways()) {
            if (silence(gateway, now).compareTo(Leases.EXPEL_AFTER) > 0) {
                decision = decision.and(remove(gateway));
            }
        }
        return decision;
    }

    /**
     * Whether all members were heard lately, so that a reshard will not have to wait for a dead
     * one.
     */
    boolean allFresh(ShardMap map, Instant now) {
        return map.gateways().stream()
                .allMatch(gateway -> silence(gateway, now).compareTo(Leases.FRESH) <= 0);
    }

    private Duration silence(GatewayId gateway, Instant now) {
        return Duration.between(lastHeard.computeIfAbsent(gateway, _ -> now), now);
    }

    private Decision remove(GatewayId gateway) {
        lastHeard.remove(gateway);
        expelled.add(gateway);
        if (expelled.size() > EXPELLED_REMEMBERED_MAX) {
            expelled.remove(expelled.iterator().next());
        }
        return Decision.write(new ShardMapRecord.GatewayGone(gateway));
    }
}
