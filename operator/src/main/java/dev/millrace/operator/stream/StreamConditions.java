/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The conditions of one Stream. Always there: {@code Ready}, {@code PoolReady}, {@code Resharding}.
 * There only when true: {@code Reconciling}, {@code Stalled} and {@code ReconciliationPaused}, the
 * way kstatus reads them. Ready stays True during a reshard: the stream serves all the while.
 */
final class StreamConditions {

    static final String READY = "Ready";
    static final String POOL_READY = "PoolReady";
    static final String RESHARDING = "Resharding";
    static final String RECONCILING = "Reconciling";
    static final String STALLED = "Stalled";
    static final String PAUSED = "ReconciliationPaused";

    /** As people read them; the same every time, so that nothing is written for another order. */
    private static final List<String> ORDER =
            List.of(READY, RECONCILING, STALLED, RESHARDING, POOL_READY, PAUSED);

    private final Map<String, Condition> before = new LinkedHashMap<>();
    private final Map<String, Condition> next = new LinkedHashMap<>();
    private final long generation;
    private final String now;

    /** Starts with none; those of before give the times of what has not changed. */
    StreamConditions(List<Condition> before, long generation, Instant now) {
        before.forEach(condition -> this.before.put(condition.type(), condition));
        this.generation = generation;
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions.stream().filter(condition -> condition.type().equals(type)).findFirst();
    }

    StreamConditions set(String type, boolean isTrue, StreamReason reason, String message) {
        String status = isTrue ? "True" : "False";
        Condition old = before.get(type);
        String since = old != null && old.status().equals(status) ? old.lastTransitionTime() : now;
        next.put(type, new Condition(type, status, reason.text(), message, since, generation));
        return this;
    }

    /** Leaves a condition as it was. */
    StreamConditions keep(String type) {
        Condition old = before.get(type);
        if (old != null) {
            next.put(type, old);
        }
        return this;
    }

    StreamConditions keepAll() {
        next.putAll(before);
        return this;
    }

    boolean wasTrue(String type) {
        Condition old = before.get(type);
        return old != null && old.status().equals("True");
    }

    List<Condition> list() {
        return next.values().stream()
                .sorted(Comparator.comparingInt(condition -> ORDER.indexOf(condition.type())))
                .toList();
    }
}
