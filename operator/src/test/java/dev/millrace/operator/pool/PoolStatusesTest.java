/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.crds.Condition;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.operator.control.PoolDescription;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PoolStatusesTest {

    private static final Instant T0 = Instant.parse("2026-11-01T10:00:00.123Z");
    private static final Instant T1 = Instant.parse("2026-11-01T11:00:00Z");
    private static final PoolStatuses.Seen NOTHING_SPECIAL =
            new PoolStatuses.Seen(Optional.empty(), null, Optional.empty(), Optional.empty());

    private final BrokerPool pool = Pools.pool("main", "{replicas: 3}");

    @Test
    void aPoolWithNoBrokersYetIsStarting() {
        BrokerPoolStatus status = PoolStatuses.of(pool, Optional.empty(), NOTHING_SPECIAL, T0);
        assertThat(status.observedGeneration()).isEqualTo(3);
        assertThat(status.readyReplicas()).isZero();
        assertThat(condition(status, "Ready").orElseThrow())
                .isEqualTo(
                        new Condition(
                                "Ready",
                                "False",
                                "BrokersStarting",
                                "0 of 3 brokers are ready",
                                "2026-11-01T10:00:00Z",
                                3));
        assertThat(condition(status, "Reconciling")).isPresent();
    }

    @Test
    void aPoolIsReadyWhenAllBrokersAre() {
        BrokerPoolStatus status = PoolStatuses.of(pool, brokers(5, 5, 3, 3), NOTHING_SPECIAL, T0);
        assertThat(condition(status, "Ready").orElseThrow().status()).isEqualTo("True");
        assertThat(condition(status, "Reconciling")).isEmpty();
        assertThat(condition(status, "Warning")).isEmpty();
        assertThat(condition(status, "Stalled")).isEmpty();
        assertThat(status.endpoint()).isEqualTo("http://main-gateway.shop.svc:4567");
        assertThat(status.bootstrapServers()).isEqualTo("main-kafka.shop.svc:9092");
        assertThat(status.accessKeySecret()).isEqualTo("main-access-key");
        assertThat(status.selector())
                .isEqualTo(
                        "app.kubernetes.io/component=broker,app.kubernetes.io/instance=main,app.kubernetes.io/name=millrace");
    }

    /** What the StatefulSet's controller said of an older generation says nothing of this one. */
    @Test
    void staleCountsAreNotBelieved() {
        BrokerPoolStatus status = PoolStatuses.of(pool, brokers(5, 4, 3, 3), NOTHING_SPECIAL, T0);
        assertThat(condition(status, "Reconciling")).isPresent();
    }

    @Test
    void aPoolServesWhileItsBrokersAreUpdated() {
        BrokerPoolStatus status = PoolStatuses.of(pool, brokers(5, 5, 3, 1), NOTHING_SPECIAL, T0);
        assertThat(condition(status, "Ready").orElseThrow().status()).isEqualTo("True");
        assertThat(condition(status, "Reconciling").orElseThrow().reason())
                .isEqualTo("BrokersUpdating");
    }

    @Test
    void aConditionKeepsItsTimeUntilItsStatusFlips() {
        pool.setStatus(PoolStatuses.of(pool, brokers(5, 5, 1, 3), NOTHING_SPECIAL, T0));
        BrokerPoolStatus still = PoolStatuses.of(pool, brokers(5, 5, 2, 3), NOTHING_SPECIAL, T1);
        assertThat(condition(still, "Ready").orElseThrow())
                .extracting(Condition::message, Condition::lastTransitionTime)
                .containsExactly("2 of 3 brokers are ready", "2026-11-01T10:00:00Z");
        pool.setStatus(still);
        BrokerPoolStatus ready = PoolStatuses.of(pool, brokers(5, 5, 3, 3), NOTHING_SPECIAL, T1);
        assertThat(condition(ready, "Ready").orElseThrow().lastTransitionTime())
                .isEqualTo("2026-11-01T11:00:00Z");
    }

    /** Equal status is what keeps the operator from writing it again. */
    @Test
    void theSameSightGivesTheSameStatus() {
        pool.setStatus(PoolStatuses.of(pool, brokers(5, 5, 3, 3), NOTHING_SPECIAL, T0));
        assertThat(PoolStatuses.of(pool, brokers(5, 5, 3, 3), NOTHING_SPECIAL, T1))
                .isEqualTo(pool.getStatus());
    }

    @Test
    void aMissingSecretIsNamed() {
        PoolStatuses.Seen seen =
                new PoolStatuses.Seen(
                        Optional.of("team-a"),
                        30_000,
                        Optional.of("cannot grow"),
                        Optional.empty());
        BrokerPoolStatus status = PoolStatuses.of(pool, brokers(5, 5, 3, 3), seen, T0);
        assertThat(condition(status, "Ready").orElseThrow())
                .satisfies(ready -> {
                    assertThat(ready.status()).isEqualTo("False");
                    assertThat(ready.reason()).isEqualTo("SecretNotFound");
                    assertThat(ready.message()).contains("team-a");
                });
        assertThat(condition(status, "Warning").orElseThrow().message()).isEqualTo("cannot grow");
        assertThat(status.nodePort()).isEqualTo(30_000);
    }

    @Test
    void contentsAreKeptWhileNobodyCanTell() {
        PoolStatuses.Seen told =
                new PoolStatuses.Seen(
                        Optional.empty(),
                        null,
                        Optional.empty(),
                        Optional.of(new PoolStatuses.Contents(2, 9, List.of())));
        pool.setStatus(PoolStatuses.of(pool, brokers(5, 5, 3, 3), told, T0));
        assertThat(PoolStatuses.of(pool, brokers(5, 5, 1, 3), NOTHING_SPECIAL, T1))
                .extracting(BrokerPoolStatus::streams, BrokerPoolStatus::openShards)
                .containsExactly(2, 9);
    }

    @Test
    void aVolumeThatFillsIsToldOfUntilThereIsRoom() {
        assertThat(withVolume(79, false)).isEmpty();
        assertThat(withVolume(80, false).orElseThrow())
                .extracting(Condition::status, Condition::reason, Condition::message)
                .containsExactly(
                        "True",
                        "VolumesFilling",
                        "The volume of broker 1 is 80 % full (800Mi of 0.98Gi); let volumes grow (spec.storage.size) or keep records for a shorter time");
        assertThat(withVolume(79, false)).as("not at once").isPresent();
        assertThat(withVolume(96, true).orElseThrow().reason()).isEqualTo("VolumesFull");
        assertThat(pool.getStatus().diskUsed()).isEqualTo("96%");
        assertThat(pool.getStatus().controller()).isEqualTo(1);
        pool.setStatus(PoolStatuses.of(pool, brokers(5, 5, 1, 3), NOTHING_SPECIAL, T1));
        assertThat(condition(pool.getStatus(), "DiskPressure")).as("nobody says").isPresent();
        assertThat(pool.getStatus().volumes())
                .containsExactly(new BrokerPoolStatus.Volume(1, "960Mi", "0.98Gi", 96));
        assertThat(withVolume(77, false)).isEmpty();
    }

    private Optional<Condition> withVolume(int usedPercent, boolean full) {
        long mib = 1L << 20;
        PoolStatuses.Seen seen =
                new PoolStatuses.Seen(
                        Optional.empty(),
                        null,
                        Optional.empty(),
                        Optional.of(
                                new PoolStatuses.Contents(
                                        1,
                                        1,
                                        List.of(
                                                new PoolDescription.Broker(
                                                        0, "a", false, Optional.empty()),
                                                new PoolDescription.Broker(
                                                        1,
                                                        "b",
                                                        true,
                                                        Optional.of(
                                                                new PoolDescription.Volume(
                                                                        1_000 * mib,
                                                                        (1_000 - 10 * usedPercent)
                                                                                * mib,
                                                                        full)))))));
        pool.setStatus(PoolStatuses.of(pool, brokers(5, 5, 3, 3), seen, T0));
        return condition(pool.getStatus(), "DiskPressure");
    }

    @Test
    void aStalledPoolSaysWhyAndStaysReady() {
        pool.setStatus(PoolStatuses.of(pool, brokers(5, 5, 3, 1), NOTHING_SPECIAL, T0));
        BrokerPoolStatus stalled = PoolStatuses.stalled(pool, "nodePort is taken", T1);
        assertThat(condition(stalled, "Stalled").orElseThrow())
                .extracting(Condition::status, Condition::reason, Condition::message)
                .containsExactly("True", "ReconcileFailed", "nodePort is taken");
        assertThat(condition(stalled, "Ready").orElseThrow().status()).isEqualTo("True");
        assertThat(condition(stalled, "Reconciling")).isEmpty();
        pool.setStatus(stalled);
        assertThat(PoolStatuses.stalled(pool, "nodePort is taken", T1)).isEqualTo(stalled);
        assertThat(
                        condition(
                                PoolStatuses.of(pool, brokers(5, 5, 3, 3), NOTHING_SPECIAL, T1),
                                "Stalled"))
                .isEmpty();
    }

    private static Optional<Condition> condition(BrokerPoolStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst();
    }

    private static Optional<StatefulSet> brokers(
            long generation, long observed, int ready, int updated) {
        return Optional.of(
                new StatefulSetBuilder()
                        .withNewMetadata()
                        .withGeneration(generation)
                        .endMetadata()
                        .withNewStatus()
                        .withObservedGeneration(observed)
                        .withReplicas(3)
                        .withReadyReplicas(ready)
                        .withUpdatedReplicas(updated)
                        .endStatus()
                        .build());
    }
}
