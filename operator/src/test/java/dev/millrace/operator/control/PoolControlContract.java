/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.operator.control.ControlResult.Applied;
import dev.millrace.operator.control.ControlResult.Refused;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamStatus;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the operator relies on, of a gateway and of its stand-in in memory. */
abstract class PoolControlContract {

    private static final int PATIENCE = 600;
    private static final String OWNER = "owner-1";

    private StreamName name = new StreamName("unnamed");

    @BeforeEach
    void eachTestHasAStreamOfItsOwn() {
        name = new StreamName("s-" + UUID.randomUUID());
    }

    abstract PoolControl control();

    abstract ApiSide api();

    /** Lets the pool take its next step: a little time passes. */
    abstract void pass() throws InterruptedException;

    @Test
    void applyCreatesTheStreamAsAsked() throws InterruptedException {
        StreamStateView made = applied(control().applyStream(creation(2)));

        assertThat(made.name()).isEqualTo(name);
        assertThat(made.ownerUid()).contains(OWNER);
        assertThat(made.targetShardCount()).isEqualTo(2);
        StreamStateView active = await(stream -> stream.status() == StreamStatus.ACTIVE);
        assertThat(active.openShardCount()).isEqualTo(2);
        assertThat(active.retentionPeriodHours()).isEqualTo(48);
        assertThat(active.maxRecordSizeKiB()).isEqualTo(2_048);
        assertThat(active.limits()).isEqualTo(LimitsProfile.KINESIS);
        assertThat(active.onDemand()).isEqualTo(new OnDemandBounds(2, 9, 512));
        assertThat(active.tags()).containsExactly(Map.entry("team", "blue"));
        assertThat(active.arn()).endsWith("stream/" + name);
        assertThat(active.id()).isEqualTo(made.id());
    }

    @Test
    void applyTwiceIsApplyOnce() throws InterruptedException {
        applied(control().applyStream(creation(1)));
        StreamStateView active = await(stream -> stream.status() == StreamStatus.ACTIVE);

        assertThat(applied(control().applyStream(creation(1)))).isEqualTo(active);
    }

    @Test
    void whatIsNotNamedStaysAsItIs() throws InterruptedException {
        applied(control().applyStream(creation(1)));
        StreamStateView active = await(stream -> stream.status() == StreamStatus.ACTIVE);

        assertThat(applied(control().applyStream(ApplyStream.nothing(name, OWNER))))
                .isEqualTo(active);
    }

    @Test
    void aStreamThatDoesNotExistIsMadeOnlyWithAShardCount() {
        assertThat(control().applyStream(ApplyStream.nothing(name, OWNER)))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.isNotFound()).isTrue();
                            assertThat(refused.isFinal()).isFalse();
                        });
    }

    @Test
    void tooManyShardsAreRefusedForGood() {
        assertThat(control().applyStream(creation(500_000)))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.isFinal()).isTrue());
    }

    @Test
    void anotherShardCountReshardsWithProgress() throws InterruptedException {
        applied(control().applyStream(creation(2)));
        await(stream -> stream.status() == StreamStatus.ACTIVE);

        StreamStateView updating = applied(control().applyStream(shards(4)));

        assertThat(updating.targetShardCount()).isEqualTo(4);
        assertThat(updating.status()).isEqualTo(StreamStatus.UPDATING);
        assertThat(updating.reshard())
                .hasValueSatisfying(reshard -> {
                    assertThat(reshard.from()).isEqualTo(2);
                    assertThat(reshard.target()).isEqualTo(4);
                    assertThat(reshard.steps()).isPositive();
                });
        StreamStateView active = await(stream -> stream.status() == StreamStatus.ACTIVE);
        assertThat(active.openShardCount()).isEqualTo(4);
        assertThat(active.reshard()).isEmpty();
        assertThat(active.lastReshard())
                .hasValueSatisfying(reshard -> assertThat(reshard.target()).isEqualTo(4));
    }

    @Test
    void aReshardOnItsWayTakesAnotherTarget() throws InterruptedException {
        applied(control().applyStream(creation(2)));
        await(stream -> stream.status() == StreamStatus.ACTIVE);
        applied(control().applyStream(shards(4)));

        assertThat(applied(control().applyStream(shards(3))).targetShardCount()).isEqualTo(3);

        assertThat(await(stream -> stream.status() == StreamStatus.ACTIVE).openShardCount())
                .isEqualTo(3);
    }

    @Test
    void changesThroughTheApiShow() throws InterruptedException {
        applied(control().applyStream(creation(1)));
        await(stream -> stream.status() == StreamStatus.ACTIVE);

        api().setRetention(name, 72);
        api().updateShardCount(name, 2);

        StreamStateView seen = applied(control().applyStream(ApplyStream.nothing(name, OWNER)));
        assertThat(seen.targetShardCount()).isEqualTo(2);
        assertThat(seen.retentionPeriodHours()).isEqualTo(72);
        await(stream -> stream.openShardCount() == 2);
    }

    @Test
    void aStreamMadeThroughTheApiHasNoOwnerUntilAdopted() throws InterruptedException {
        api().createStream(name, 1);
        assertThat(await(stream -> stream.status() == StreamStatus.ACTIVE).ownerUid()).isEmpty();

        assertThat(applied(control().applyStream(ApplyStream.nothing(name, OWNER))).ownerUid())
                .contains(OWNER);
    }

    @Test
    void removalLeavesATraceAndIsIdempotent() throws InterruptedException {
        StreamStateView made = applied(control().applyStream(creation(1)));
        await(stream -> stream.status() == StreamStatus.ACTIVE);

        assertThat(control().removeStream(name, OWNER)).isInstanceOf(Applied.class);
        assertThat(control().removeStream(name, OWNER)).isInstanceOf(Applied.class);

        awaitGone();
        assertThat(list().wasDeleted(made.id())).isTrue();
        assertThat(control().removeStream(name, OWNER)).isInstanceOf(Applied.class);
    }

    @Test
    void deletionThroughTheApiLeavesATrace() throws InterruptedException {
        StreamStateView made = applied(control().applyStream(creation(1)));
        await(stream -> stream.status() == StreamStatus.ACTIVE);

        api().deleteStream(name);

        awaitGone();
        assertThat(list().wasDeleted(made.id())).isTrue();
    }

    @Test
    void anotherOwnersStreamIsNotRemoved() throws InterruptedException {
        applied(control().applyStream(creation(1)));
        await(stream -> stream.status() == StreamStatus.ACTIVE);

        assertThat(control().removeStream(name, "owner-2")).isInstanceOf(Applied.class);

        assertThat(await(_ -> true).status()).isEqualTo(StreamStatus.ACTIVE);
    }

    @Test
    void thePoolDescribesItself() {
        PoolDescription pool = applied(control().describePool());

        assertThat(pool.gateways()).isNotEmpty();
        assertThat(pool.brokers()).anyMatch(PoolDescription.Broker::controller);
        assertThat(pool.underReplicatedPartitions()).isZero();
    }

    private ApplyStream creation(int shards) {
        return new ApplyStream(
                name,
                OWNER,
                Optional.of(shards),
                Optional.empty(),
                Optional.of(48),
                Optional.of(2_048),
                Optional.of(LimitsProfile.KINESIS),
                Optional.of(Map.of("team", "blue")),
                Optional.of(new OnDemandBounds(2, 9, 512)));
    }

    private ApplyStream shards(int shards) {
        return new ApplyStream(
                name,
                OWNER,
                Optional.of(shards),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private PoolStreams list() {
        return applied(control().listStreamStates());
    }

    private StreamStateView await(Predicate<StreamStateView> condition)
            throws InterruptedException {
        for (int i = 0; i < PATIENCE; i++) {
            Optional<StreamStateView> found = list().find(name);
            if (found.isPresent() && condition.test(found.get())) {
                return found.get();
            }
            pass();
        }
        throw new AssertionError("Waited in vain; at the end: " + list().find(name));
    }

    private void awaitGone() throws InterruptedException {
        for (int i = 0; i < PATIENCE; i++) {
            if (list().find(name).isEmpty()) {
                return;
            }
            pass();
        }
        throw new AssertionError("Still there: " + list().find(name));
    }

    private static <T> T applied(ControlResult<T> result) {
        return switch (result) {
            case Applied<T>(T state) -> state;
            case Refused<T> refused -> throw new AssertionError(refused.toString());
            case ControlResult.Unreachable<T> unreachable ->
                    throw new AssertionError(unreachable.toString());
        };
    }
}
