/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.StreamId;
import dev.millrace.shard.demand.DemandTracker;
import dev.millrace.shard.demand.Scaling;
import dev.millrace.shard.reshard.ReshardGoal;
import dev.millrace.shard.reshard.ReshardPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reshards on-demand streams as their load asks for. All that it holds may be lost at any time. */
final class OnDemandStreams {

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Map<StreamId, DemandTracker> trackers = new HashMap<>();
    private Instant lookedAt = Instant.MIN;

    void load(GatewayMessage.Load load) {
        // One without a tracker is no on-demand stream, or will have one within a second.
        DemandTracker tracker = trackers.get(load.stream());
        if (tracker != null) {
            load.shards().forEach(tracker::add);
        }
    }

    Decision tick(ShardMap map, Instant now) {
        if (!lookedAt.equals(Instant.MIN) && lookedAt.plus(LOOK_EVERY).isAfter(now)) {
            return Decision.NOTHING;
        }
        lookedAt = now;
        Decision decision = Decision.NOTHING;
        Set<StreamId> watched = new HashSet<>();
        for (StreamView stream : map.onDemand()) {
            watched.add(stream.state().id());
            decision = decision.and(look(stream, now));
        }
        trackers.keySet().retainAll(watched);
        return decision;
    }

    private Decision look(StreamView stream, Instant now) {
        DemandTracker tracker =
                trackers.computeIfAbsent(stream.state().id(), _ -> new DemandTracker(now));
        // While it reshards, the window goes on.
        return stream.state().status() != StreamStatus.ACTIVE
                ? Decision.NOTHING
                : tracker.look(stream.openShards(), stream.state().settings().onDemand(), now)
                        .map(scaling -> reshard(stream, scaling, now))
                        .orElse(Decision.NOTHING);
    }

    private static Decision reshard(StreamView stream, Scaling scaling, Instant now) {
        StreamState state = stream.state();
        ReshardGoal goal = new ReshardGoal.Boundaries(scaling.boundaries());
        int left = ReshardPlan.stepsLeft(stream.openShards(), goal);
        if (left == 0) {
            return Decision.NOTHING;
        }
        Reshard reshard =
                new Reshard(
                        state.lastReshard().map(Reshard::id).orElse(0L) + 1,
                        goal,
                        stream.openShards().size(),
                        scaling.shards(),
                        0,
                        left,
                        now,
                        Optional.empty(),
                        Optional.of(scaling.reason()));
        return Decision.write(new ShardMapRecord.StreamPut(state.resharding(reshard)));
    }
}
