/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import dev.millrace.shard.GatewayId;
import dev.millrace.shard.map.Leases;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The part of every limit that is a gateway's own: one of as many as there are gateways. The parts
 * of all gateways are never more than one whole, whenever each of them hears of the others:
 *
 * <ul>
 *   <li>A gateway that comes has no part until each other one has said that it counts it, or has
 *       surely no lease any more if it never heard of it.
 *   <li>One that goes is counted until what it lent has ended.
 * </ul>
 *
 * Not safe to share: {@link Shares} guards it.
 */
final class OwnPart {

    private static final long SECOND_NANOS = 1_000_000_000L;

    private Optional<GatewayId> self = Optional.empty();
    private boolean seated;
    private long joinedAtNanos;
    private final Set<GatewayId> countedBy = new HashSet<>();
    private Set<GatewayId> others = Set.of();
    private final Map<GatewayId, Long> seenAtNanos = new HashMap<>();
    private final Map<GatewayId, Long> goneAtNanos = new HashMap<>();
    private Set<GatewayId> lastMembers = Set.of();
    private boolean settled;
    private double part;
    private double appliedPart;
    private long sinceNanos;

    /**
     * Takes a newer look at the members.
     *
     * @return whether the part is another one now
     */
    boolean update(Optional<GatewayId> member, Set<GatewayId> members, long nowNanos) {
        if (settled && member.equals(self) && members.equals(lastMembers)) {
            return false;
        }
        Set<GatewayId> now = new HashSet<>(members);
        member.ifPresent(now::remove);
        if (!member.equals(self)) {
            join(member, now, nowNanos);
        }
        others.stream()
                .filter(other -> !now.contains(other))
                .forEach(other -> goneAtNanos.put(other, nowNanos));
        now.forEach(goneAtNanos::remove);
        seenAtNanos.keySet().retainAll(now);
        now.forEach(other -> seenAtNanos.putIfAbsent(other, nowNanos));
        goneAtNanos.values().removeIf(goneAt -> nowNanos - goneAt > Shares.LENT_FOR.toNanos());
        others = now;
        if (self.isPresent() && !seated) {
            seated =
                    countedBy.containsAll(now)
                            || nowNanos - joinedAtNanos > Leases.EXPEL_AFTER.toNanos();
        }
        lastMembers = members;
        settled = seated && goneAtNanos.isEmpty();
        return set(seated ? 1.0 / (1 + now.size() + goneAtNanos.size()) : 0, nowNanos);
    }

    private void join(Optional<GatewayId> member, Set<GatewayId> there, long nowNanos) {
        self = member;
        countedBy.clear();
        joinedAtNanos = nowNanos;
        // With nobody else there all parts are free, and have been.
        seated = member.isPresent() && there.isEmpty() && goneAtNanos.isEmpty();
        if (seated && part == 0) {
            part = 1;
            sinceNanos = nowNanos - SECOND_NANOS;
        }
    }

    private boolean set(double next, long nowNanos) {
        if (next == appliedPart) {
            return false;
        }
        if (next > part) {
            sinceNanos = nowNanos;
        }
        part = next;
        appliedPart = next;
        return true;
    }

    void countedBy(GatewayId other) {
        countedBy.add(other);
    }

    /**
     * Whether the part is as small as that other one needs it, and all that was lent of a larger
     * part has ended.
     */
    boolean counts(GatewayId other, long nowNanos) {
        Long seenAt = seenAtNanos.get(other);
        return seenAt != null && nowNanos - seenAt > Shares.LENT_FOR.toNanos();
    }

    boolean knows(GatewayId other) {
        return others.contains(other);
    }

    boolean isSeated() {
        return seated;
    }

    Optional<GatewayId> self() {
        return self;
    }

    int others() {
        return others.size();
    }

    double part() {
        return part;
    }

    /** Since when the part is at least so large. */
    long sinceNanos() {
        return sinceNanos;
    }
}
