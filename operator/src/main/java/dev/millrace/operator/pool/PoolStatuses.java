/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.Condition;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.operator.control.PoolDescription;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is said of a pool. Pure: a function of what was seen. */
final class PoolStatuses {

    static final String READY = "Ready";
    static final String PAUSED = "ReconciliationPaused";

    private static final Set<String> STALLED_OR_GETTING_ON = Set.of("Stalled", "Reconciling");
    private static final Seen NOTHING_SEEN =
            new Seen(Optional.empty(), null, Optional.empty(), Optional.empty());

    private PoolStatuses() {}

    /** What a reconcile saw beside the StatefulSet. */
    record Seen(
            Optional<String> missingSecret,
            @Nullable Integer nodePort,
            Optional<String> warning,
            Optional<Contents> contents) {}

    /** What is in a pool, and how its brokers are. */
    record Contents(int streams, int openShards, List<PoolDescription.Broker> brokers) {}

    static BrokerPoolStatus of(
            BrokerPool pool, Optional<StatefulSet> brokers, Seen seen, Instant now) {
        PoolNames names = PoolNames.of(pool);
        StatefulSetStatus status =
                brokers.map(StatefulSet::getStatus).orElseGet(StatefulSetStatus::new);
        int wanted = pool.getSpec().replicas();
        int ready = orZero(status.getReadyReplicas());
        int updated = orZero(status.getUpdatedReplicas());
        boolean current =
                brokers.isPresent()
                        && status.getObservedGeneration() != null
                        && status.getObservedGeneration()
                                >= brokers.get().getMetadata().getGeneration();
        boolean allReady = current && ready >= wanted;
        boolean allUpdated = current && updated >= wanted;
        BrokerPoolStatus before = pool.getStatus();
        Integer streams = before == null ? null : before.streams();
        Integer openShards = before == null ? null : before.openShards();
        List<BrokerPoolStatus.Volume> volumes =
                seen.contents()
                        .map(contents -> PoolVolumes.of(contents.brokers()))
                        .orElse(before == null ? List.of() : before.volumes());
        return new BrokerPoolStatus(
                pool.getMetadata().getGeneration(),
                orZero(status.getReplicas()),
                ready,
                updated,
                names.selectorText(),
                names.clusterId(),
                names.endpoint(),
                pool.getSpec().gateway().tls() == null ? null : names.tlsEndpoint(),
                seen.nodePort(),
                names.bootstrapServers(),
                pool.getSpec().accessKeys().isEmpty() ? names.accessKeySecret() : null,
                seen.contents().map(Contents::streams).orElse(streams),
                seen.contents().map(Contents::openShards).orElse(openShards),
                volumes.isEmpty() ? null : PoolVolumes.fullest(volumes),
                volumes,
                seen.contents()
                        .map(PoolStatuses::controller)
                        .orElse(before == null ? null : before.controller()),
                conditions(pool, allReady, allUpdated, ready, seen, now));
    }

    private static List<Condition> conditions(
            BrokerPool pool,
            boolean allReady,
            boolean allUpdated,
            int ready,
            Seen seen,
            Instant now) {
        int wanted = pool.getSpec().replicas();
        String brokers = "%d of %d brokers are ready".formatted(ready, wanted);
        List<Condition> conditions = new ArrayList<>();
        if (seen.missingSecret().isPresent()) {
            String message =
                    "Secret %s is not there; the pool goes on when it is made"
                            .formatted(seen.missingSecret().get());
            conditions.add(condition(pool, READY, false, PoolReason.SecretNotFound, message, now));
            conditions.add(
                    condition(
                            pool,
                            "AccessKeysReady",
                            false,
                            PoolReason.SecretNotFound,
                            message,
                            now));
        } else {
            conditions.add(
                    condition(
                            pool,
                            READY,
                            allReady,
                            allReady ? PoolReason.AllBrokersReady : PoolReason.BrokersStarting,
                            brokers,
                            now));
            conditions.add(
                    condition(
                            pool,
                            "AccessKeysReady",
                            true,
                            PoolReason.SecretsFound,
                            "All access keys are there",
                            now));
            if (!allReady || !allUpdated) {
                PoolReason reason =
                        allReady ? PoolReason.BrokersUpdating : PoolReason.BrokersStarting;
                conditions.add(condition(pool, "Reconciling", true, reason, brokers, now));
            }
        }
        seen.warning()
                .ifPresent(warning ->
                        conditions.add(
                                condition(
                                        pool,
                                        "Warning",
                                        true,
                                        PoolReason.VolumesCannotGrow,
                                        warning,
                                        now)));
        diskPressure(pool, seen, now).ifPresent(conditions::add);
        return conditions;
    }

    /** As it was, while nobody can say. */
    private static Optional<Condition> diskPressure(BrokerPool pool, Seen seen, Instant now) {
        Optional<Condition> before = PoolVolumes.pressureOf(pool);
        if (seen.contents().isEmpty()) {
            return before;
        }
        return PoolVolumes.pressure(
                        seen.contents().get().brokers(),
                        pool.getSpec().storage().warnAtPercent(),
                        before.isPresent())
                .map(pressure ->
                        condition(
                                pool,
                                PoolVolumes.DISK_PRESSURE,
                                true,
                                pressure.reason(),
                                pressure.message(),
                                now));
    }

    private static @Nullable Integer controller(Contents contents) {
        return contents.brokers().stream()
                .filter(PoolDescription.Broker::controller)
                .map(PoolDescription.Broker::nodeId)
                .findFirst()
                .orElse(null);
    }

    private static Condition condition(
            BrokerPool pool,
            String type,
            boolean isTrue,
            PoolReason reason,
            String message,
            Instant now) {
        String status = isTrue ? "True" : "False";
        String since =
                conditionsOf(pool).stream()
                        .filter(old -> old.type().equals(type) && old.status().equals(status))
                        .map(Condition::lastTransitionTime)
                        .findFirst()
                        .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new Condition(
                type, status, reason.name(), message, since, pool.getMetadata().getGeneration());
    }

    /** The pool as it was, but that somebody has to change something for it to get on. */
    static BrokerPoolStatus stalled(BrokerPool pool, String message, Instant now) {
        BrokerPoolStatus before =
                pool.getStatus() == null
                        ? of(pool, Optional.empty(), NOTHING_SEEN, now)
                        : pool.getStatus();
        List<Condition> conditions = new ArrayList<>(before.conditions());
        conditions.removeIf(condition -> STALLED_OR_GETTING_ON.contains(condition.type()));
        if (conditions.stream().noneMatch(condition -> condition.type().equals(READY))) {
            conditions.add(condition(pool, READY, false, PoolReason.ReconcileFailed, message, now));
        }
        conditions.add(condition(pool, "Stalled", true, PoolReason.ReconcileFailed, message, now));
        return as(before, pool.getMetadata().getGeneration(), conditions);
    }

    /** As before: nothing is looked at while somebody holds the operator off. */
    static BrokerPoolStatus paused(BrokerPool pool, Instant now) {
        BrokerPoolStatus before =
                pool.getStatus() == null
                        ? of(pool, Optional.empty(), NOTHING_SEEN, now)
                        : pool.getStatus();
        List<Condition> conditions = new ArrayList<>(before.conditions());
        conditions.removeIf(condition -> condition.type().equals(PAUSED));
        conditions.add(
                condition(
                        pool,
                        PAUSED,
                        true,
                        PoolReason.Paused,
                        "The annotation %s is \"true\"".formatted(PoolMetadata.PAUSE),
                        now));
        return as(before, before.observedGeneration(), conditions);
    }

    private static BrokerPoolStatus as(
            BrokerPoolStatus before,
            @Nullable Long observedGeneration,
            List<Condition> conditions) {
        return new BrokerPoolStatus(
                observedGeneration,
                before.replicas(),
                before.readyReplicas(),
                before.updatedReplicas(),
                before.selector(),
                before.clusterId(),
                before.endpoint(),
                before.tlsEndpoint(),
                before.nodePort(),
                before.bootstrapServers(),
                before.accessKeySecret(),
                before.streams(),
                before.openShards(),
                before.diskUsed(),
                before.volumes(),
                before.controller(),
                conditions);
    }

    static List<Condition> conditionsOf(BrokerPool pool) {
        return pool.getStatus() == null ? List.of() : pool.getStatus().conditions();
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }
}
