/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.operator.control.ApplyStream;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.PoolControl;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.operator.stream.Outcome.Origin;
import dev.millrace.operator.stream.SpecOrApi.Decision;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamStatus;
import java.util.Optional;

/**
 * Brings one stream and its resource together: at most one call of the gateway, and none where they
 * agree.
 *
 * <p>The list of the streams may lag behind what the map's writer has acknowledged, also behind an
 * ApplyStream of ours. It says whether there may be something to do; what is then done rests on the
 * answer of ApplyStream, which contains all that went before. Otherwise a list from a moment ago
 * would look like somebody's change through the API, and undo the user's patch.
 */
final class StreamSync {

    private final StreamIdentity who;
    private final Wanted wanted;
    private final Known known;

    /**
     * What status says.
     *
     * @param id the stream that the resource stands for
     * @param applied the settings that the gateway is known to have taken
     * @param missed whether the stream was looked for in vain long enough
     */
    record Known(Optional<StreamId> id, Settings applied, boolean missed) {}

    StreamSync(StreamIdentity who, Wanted wanted, Known known) {
        this.who = who;
        this.wanted = wanted;
        this.known = known;
    }

    Outcome run(PoolStreams list, PoolControl control) {
        Optional<StreamStateView> seen = list.find(who.stream());
        if (seen.isPresent() && seen.get().status() == StreamStatus.DELETING) {
            return new Outcome.Deleting(seen.get());
        }
        if (seen.isEmpty() && known.id().isPresent()) {
            if (list.wasDeleted(known.id().get())) {
                return new Outcome.DeletedThroughApi();
            }
            if (!known.missed()) {
                return new Outcome.Missing();
            }
        }
        Decision decision = decide(known.applied(), seen);
        if (seen.isPresent() && isSettled(decision, seen.get())) {
            return new Outcome.Synced(
                    seen.get(), known.applied(), Settings.NONE, originOf(seen, seen.get()));
        }
        ApplyStream request = wanted.request(who, decision.send(), seen);
        return switch (control.applyStream(request)) {
            case ControlResult.Applied<StreamStateView>(StreamStateView state) ->
                    applied(decision, seen, state);
            case ControlResult.Refused<StreamStateView> refused -> refused(refused, seen);
            case ControlResult.Unreachable<StreamStateView>(String cause) ->
                    new Outcome.Retry(StreamReason.GATEWAY_UNREACHABLE, cause, seen);
        };
    }

    private Decision decide(Settings applied, Optional<StreamStateView> state) {
        Decision decision =
                SpecOrApi.decide(wanted.settings(), applied, state.map(Wanted::settingsOf));
        boolean followsItsLoad =
                state.isPresent()
                        && decision.send().mode().orElse(state.get().mode())
                                == StreamMode.ON_DEMAND;
        // The load changes the number of shards all the time: neither a wish nor a whim of the API.
        return followsItsLoad ? decision.without(Setting.SHARD_COUNT) : decision;
    }

    private boolean isSettled(Decision decision, StreamStateView seen) {
        return decision.equals(Decision.NOTHING)
                && seen.ownerUid().equals(Optional.of(who.uid()))
                && !wanted.differsFrom(seen);
    }

    private Outcome applied(Decision sent, Optional<StreamStateView> seen, StreamStateView state) {
        // What was just sent is in the state. What still differs is the API's.
        Settings taken = known.applied().overlaidBy(sent.send());
        Decision rest = decide(taken, Optional.of(state));
        return new Outcome.Synced(
                state, rest.applied(taken), rest.carryBack(), originOf(seen, state));
    }

    private Origin originOf(Optional<StreamStateView> seen, StreamStateView state) {
        if (known.id().equals(Optional.of(state.id()))) {
            return Origin.KNOWN;
        }
        if (seen.isPresent() && seen.get().id().equals(state.id())) {
            boolean ours = seen.get().ownerUid().equals(Optional.of(who.uid()));
            // Ours, though not in status: we made it and died before we could note it.
            return ours ? Origin.CREATED : Origin.ADOPTED;
        }
        return known.id().isPresent() ? Origin.RECREATED : Origin.CREATED;
    }

    private Outcome refused(
            ControlResult.Refused<StreamStateView> refused, Optional<StreamStateView> seen) {
        String message = refused.awsError() + ": " + refused.message();
        if (refused.isFinal()) {
            return new Outcome.Stalled(StreamReason.ofRefusal(refused.awsError()), message, seen);
        }
        // Not found: it was deleted since the list. The next list has the trace.
        return new Outcome.Retry(StreamReason.GATEWAY_BUSY, message, seen);
    }
}
