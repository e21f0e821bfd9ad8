/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import dev.millrace.shard.GatewayId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Parts of one limit that are lent, by the other gateway. A later loan to the same one takes the
 * place of an earlier one and does not add to it; until both end the larger counts, on both sides.
 * Guarded by its {@link Share}.
 */
final class Loans {

    private final Map<GatewayId, List<Running>> loans = new HashMap<>();

    private record Running(double part, long untilNanos) {}

    void add(GatewayId other, double part, long untilNanos) {
        if (part > 0) {
            loans.computeIfAbsent(other, _ -> new ArrayList<>(2))
                    .add(new Running(part, untilNanos));
        }
    }

    double with(GatewayId other) {
        double most = 0;
        for (Running loan : loans.getOrDefault(other, List.of())) {
            most = Math.max(most, loan.part());
        }
        return most;
    }

    double total() {
        double total = 0;
        for (GatewayId other : loans.keySet()) {
            total += with(other);
        }
        return total;
    }

    /** When the next one ends, at most the time given. */
    long nextEnd(long atMostNanos) {
        long next = atMostNanos;
        for (List<Running> ofOne : loans.values()) {
            for (Running loan : ofOne) {
                if (loan.untilNanos() - next < 0) {
                    next = loan.untilNanos();
                }
            }
        }
        return next;
    }

    void endUntil(long nowNanos) {
        if (!loans.isEmpty()) {
            loans.values()
                    .forEach(ofOne -> ofOne.removeIf(loan -> loan.untilNanos() - nowNanos <= 0));
            loans.values().removeIf(List::isEmpty);
        }
    }
}
