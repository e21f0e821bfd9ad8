/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The conditions of one DeliveryStream. Always there: {@code Ready}, {@code SourceReady}, {@code
 * DestinationReachable}, {@code DeliveryHealthy}. There only when true, the way kstatus reads them:
 * {@code Reconciling}, {@code Stalled}, {@code Warning} and {@code ReconciliationPaused}.
 */
final class DeliveryConditions {

    static final String READY = "Ready";
    static final String SOURCE = "SourceReady";
    static final String DESTINATION = "DestinationReachable";
    static final String HEALTHY = "DeliveryHealthy";
    static final String RECONCILING = "Reconciling";
    static final String STALLED = "Stalled";
    static final String WARNING = "Warning";
    static final String PAUSED = "ReconciliationPaused";

    private static final List<String> ORDER =
            List.of(READY, RECONCILING, STALLED, SOURCE, DESTINATION, HEALTHY, WARNING, PAUSED);

    private final Map<String, Condition> before = new LinkedHashMap<>();
    private final Map<String, Condition> next = new LinkedHashMap<>();
    private final long generation;
    private final String now;

    /** Starts with none; those of before give the times of what has not changed. */
    DeliveryConditions(List<Condition> before, long generation, Instant now) {
        before.forEach(condition -> this.before.put(condition.type(), condition));
        this.generation = generation;
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions.stream().filter(condition -> condition.type().equals(type)).findFirst();
    }

    DeliveryConditions is(String type, boolean isTrue, DeliveryReason reason, String message) {
        return set(type, isTrue ? "True" : "False", reason, message);
    }

    DeliveryConditions unknown(String type, DeliveryReason reason, String message) {
        return set(type, "Unknown", reason, message);
    }

    private DeliveryConditions set(
            String type, String status, DeliveryReason reason, String message) {
        Condition old = before.get(type);
        String since = old != null && old.status().equals(status) ? old.lastTransitionTime() : now;
        next.put(type, new Condition(type, status, reason.name(), message, since, generation));
        return this;
    }

    DeliveryConditions keepAll() {
        next.putAll(before);
        return this;
    }

    List<Condition> list() {
        return next.values().stream()
                .sorted(Comparator.comparingInt(condition -> ORDER.indexOf(condition.type())))
                .toList();
    }
}
