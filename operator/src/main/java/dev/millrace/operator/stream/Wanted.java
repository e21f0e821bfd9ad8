/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.operator.control.ApplyStream;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.LimitsProfile;
import java.util.Map;
import java.util.Optional;

/**
 * What spec asks for.
 *
 * @param settings what the Kinesis API can change as well
 * @param limits this, the tags and the on-demand bounds are spec's alone: sent whenever the gateway
 *     has others
 */
record Wanted(
        Settings settings,
        LimitsProfile limits,
        Map<String, String> tags,
        OnDemandBounds onDemand) {

    /** The request that makes a stream, or changes what is named and what differs. */
    ApplyStream request(StreamIdentity who, Settings send, Optional<StreamStateView> seen) {
        return new ApplyStream(
                who.stream(),
                who.uid(),
                send.get(Setting.SHARD_COUNT),
                send.mode(),
                send.get(Setting.RETENTION_PERIOD_HOURS),
                send.get(Setting.MAX_RECORD_SIZE_KIB),
                Optional.of(limits).filter(l -> seen.isEmpty() || seen.get().limits() != l),
                Optional.of(tags).filter(t -> seen.isEmpty() || !seen.get().tags().equals(t)),
                Optional.of(onDemand)
                        .filter(o -> seen.isEmpty() || !seen.get().onDemand().equals(o)));
    }

    /** Whether the stream lacks something that is spec's alone. */
    boolean differsFrom(StreamStateView seen) {
        return seen.limits() != limits
                || !seen.tags().equals(tags)
                || !seen.onDemand().equals(onDemand);
    }

    /** The settings that a stream has or is heading for. */
    static Settings settingsOf(StreamStateView state) {
        return Settings.of(
                state.mode(),
                state.targetShardCount(),
                state.retentionPeriodHours(),
                state.maxRecordSizeKiB());
    }
}
