/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.InMemoryPoolControl;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.operator.stream.Outcome.Origin;
import dev.millrace.operator.stream.Outcome.Synced;
import dev.millrace.operator.stream.StreamSync.Known;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamMode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StreamSyncTest {

    private static final StreamName ORDERS = new StreamName("orders");
    private static final StreamIdentity WHO =
            new StreamIdentity(new PoolRef("shop", "default"), "orders", "uid-1", ORDERS);

    private final InMemoryPoolControl gateway =
            new InMemoryPoolControl(InstantSource.fixed(Instant.parse("2026-11-01T00:00:00Z")));

    @Test
    void aNewStreamIsCreatedWhole() {
        Synced synced = synced(run(wanted(2), unknown()));

        assertThat(synced.origin()).isEqualTo(Origin.CREATED);
        assertThat(synced.applied()).isEqualTo(Settings.of(StreamMode.PROVISIONED, 2, 24, 1_024));
        assertThat(synced.carryBack()).isEqualTo(Settings.NONE);
        assertThat(gateway.find(ORDERS)).contains(synced.state());
    }

    @Test
    void whereAllAgreeNobodyIsCalled() {
        Synced first = active(2);

        Synced again = synced(run(wanted(2), after(first)));

        assertThat(again.origin()).isEqualTo(Origin.KNOWN);
        assertThat(gateway.applies()).hasSize(1);
    }

    @Test
    void onlyTheChangedFieldIsSent() {
        Synced first = active(2);

        Synced next = synced(run(wanted(4), after(first)));

        assertThat(gateway.applies().getLast().shardCount()).contains(4);
        assertThat(gateway.applies().getLast().retentionPeriodHours()).isEmpty();
        assertThat(gateway.applies().getLast().tags()).isEmpty();
        assertThat(next.applied().get(Setting.SHARD_COUNT)).contains(4);
    }

    @Test
    void theApisChangeIsCarriedBack() {
        Synced first = active(2);
        gateway.updateShardCount(ORDERS, 8);

        Synced next = synced(run(wanted(2), after(first)));

        assertThat(next.carryBack()).isEqualTo(Settings.NONE.with(Setting.SHARD_COUNT, 8));
        assertThat(next.applied().get(Setting.SHARD_COUNT)).contains(8);
    }

    @Test
    void theShardsOfAnOnDemandStreamAreNobodysWish() {
        Synced first = active(2);
        Synced onDemand = synced(run(wanted(StreamMode.ON_DEMAND, 2), after(first)));
        gateway.updateShardCount(ORDERS, 8);

        Synced next = synced(run(wanted(StreamMode.ON_DEMAND, 2), after(onDemand)));

        assertThat(next.carryBack()).isEqualTo(Settings.NONE);
        assertThat(next.state().targetShardCount()).isEqualTo(8);
    }

    @Test
    void aStreamKeepsItsShardsWhenItStopsFollowingItsLoad() {
        Synced first = active(2);
        Synced onDemand = synced(run(wanted(StreamMode.ON_DEMAND, 2), after(first)));
        gateway.updateShardCount(ORDERS, 8);
        gateway.step();

        Synced next = synced(run(wanted(StreamMode.PROVISIONED, 2), after(onDemand)));

        assertThat(next.state().mode()).isEqualTo(StreamMode.PROVISIONED);
        assertThat(next.carryBack()).isEqualTo(Settings.NONE.with(Setting.SHARD_COUNT, 8));
    }

    @Test
    void aModeSetThroughTheApiIsCarriedBack() {
        Synced first = active(2);
        gateway.setMode(ORDERS, StreamMode.ON_DEMAND);

        Synced next = synced(run(wanted(2), after(first)));

        assertThat(next.carryBack().mode()).contains(StreamMode.ON_DEMAND);
    }

    @Test
    void aListFromBeforeThePatchIsNotTakenForTheApisChange() {
        Synced first = active(2);
        PoolStreams old = list();
        Synced patched = synced(run(wanted(4), after(first)));

        Synced next = synced(sync(wanted(4), after(patched)).run(old, gateway));

        assertThat(next.carryBack()).isEqualTo(Settings.NONE);
        assertThat(next.state().targetShardCount()).isEqualTo(4);
    }

    @Test
    void specAndApiEachWinWhereTheyWereLast() {
        Synced first = active(2);
        gateway.setRetention(ORDERS, 72);

        Synced next = synced(run(wanted(4), after(first)));

        assertThat(next.carryBack())
                .isEqualTo(Settings.NONE.with(Setting.RETENTION_PERIOD_HOURS, 72));
        assertThat(next.state().targetShardCount()).isEqualTo(4);
    }

    @Test
    void aStreamOfTheApiIsAdopted() {
        gateway.createStream(ORDERS, 3);
        gateway.step();

        Synced synced = synced(run(wanted(3), unknown()));

        assertThat(synced.origin()).isEqualTo(Origin.ADOPTED);
        assertThat(synced.state().ownerUid()).contains(WHO.uid());
    }

    @Test
    void aDeletionThroughTheApiNeedsItsTrace() {
        Synced first = active(2);
        gateway.deleteStream(ORDERS);
        assertThat(run(wanted(2), after(first))).isInstanceOf(Outcome.Deleting.class);

        gateway.step();

        assertThat(run(wanted(2), after(first))).isInstanceOf(Outcome.DeletedThroughApi.class);
        assertThat(gateway.find(ORDERS)).isEmpty();
    }

    @Test
    void aLostStreamIsMadeAgainOnceItWasMissedTwice() {
        Synced first = active(2);
        gateway.loseEverything();
        assertThat(run(wanted(2), after(first))).isInstanceOf(Outcome.Missing.class);

        Known missed = new Known(Optional.of(first.state().id()), first.applied(), true);
        Synced again = synced(run(wanted(2), missed));

        assertThat(again.origin()).isEqualTo(Origin.RECREATED);
        assertThat(gateway.find(ORDERS)).isPresent();
    }

    @Test
    void whatIsSpecsAloneIsSentWhenItDiffers() {
        Synced first = active(2);
        Wanted tagged =
                new Wanted(
                        Settings.of(StreamMode.PROVISIONED, 2, 24, 1_024),
                        LimitsProfile.KINESIS,
                        Map.of("team", "red"),
                        OnDemandBounds.DEFAULT);

        StreamStateView state = synced(run(tagged, after(first))).state();

        assertThat(state.limits()).isEqualTo(LimitsProfile.KINESIS);
        assertThat(state.tags()).containsEntry("team", "red");
    }

    @Test
    void aFinalRefusalStallsAndLeavesWhatWasApplied() {
        Synced first = active(2);

        assertThat(run(wanted(InMemoryPoolControl.SHARDS_MAX + 1), after(first)))
                .isInstanceOfSatisfying(
                        Outcome.Stalled.class,
                        stalled -> {
                            assertThat(stalled.reason()).isEqualTo(StreamReason.LIMIT_EXCEEDED);
                            assertThat(stalled.message()).contains("shards");
                            assertThat(stalled.state()).contains(first.state());
                        });
    }

    @Test
    void anOutageAndABusyStreamAreTriedAgain() {
        Synced first = active(2);
        gateway.outage(Optional.of("connection refused"));
        PoolStreams list = new PoolStreams(java.util.List.of(first.state()), java.util.List.of());
        assertThat(sync(wanted(4), after(first)).run(list, gateway))
                .isInstanceOfSatisfying(
                        Outcome.Retry.class,
                        retry ->
                                assertThat(retry.reason())
                                        .isEqualTo(StreamReason.GATEWAY_UNREACHABLE));

        gateway.outage(Optional.empty());
        gateway.refuse(
                Optional.of(new ControlResult.Refused<>("ResourceInUseException", "not now")));
        assertThat(run(wanted(4), after(first)))
                .isInstanceOfSatisfying(
                        Outcome.Retry.class,
                        retry -> assertThat(retry.reason()).isEqualTo(StreamReason.GATEWAY_BUSY));
    }

    /** A stream of this resource that is ACTIVE, with its status written. */
    private Synced active(int shards) {
        Synced made = synced(run(wanted(shards), unknown()));
        gateway.step();
        return new Synced(
                gateway.find(ORDERS).orElseThrow(), made.applied(), made.carryBack(), Origin.KNOWN);
    }

    private Outcome run(Wanted wanted, Known known) {
        return sync(wanted, known).run(list(), gateway);
    }

    private static StreamSync sync(Wanted wanted, Known known) {
        return new StreamSync(WHO, wanted, known);
    }

    private PoolStreams list() {
        return switch (gateway.listStreamStates()) {
            case ControlResult.Applied<PoolStreams>(PoolStreams streams) -> streams;
            case ControlResult.Refused<PoolStreams> refused ->
                    throw new AssertionError(refused.toString());
            case ControlResult.Unreachable<PoolStreams> unreachable ->
                    throw new AssertionError(unreachable.toString());
        };
    }

    private static Known unknown() {
        return new Known(Optional.empty(), Settings.NONE, false);
    }

    private static Known after(Synced synced) {
        return new Known(Optional.of(synced.state().id()), synced.applied(), false);
    }

    private static Wanted wanted(int shards) {
        return wanted(StreamMode.PROVISIONED, shards);
    }

    private static Wanted wanted(StreamMode mode, int shards) {
        return new Wanted(
                Settings.of(mode, shards, 24, 1_024),
                LimitsProfile.UNLIMITED,
                Map.of(),
                OnDemandBounds.DEFAULT);
    }

    private static Synced synced(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Synced.class);
        return (Synced) outcome;
    }
}
