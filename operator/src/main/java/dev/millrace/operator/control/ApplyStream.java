/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamMode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a stream shall be. Whatever is empty stays as it is.
 *
 * @param ownerUid the uid of the Stream resource that owns it from now on
 * @param shardCount needed where the stream does not exist yet
 * @param delivery the definition of the delivery stream that it belongs to, JSON
 */
public record ApplyStream(
        StreamName stream,
        String ownerUid,
        Optional<Integer> shardCount,
        Optional<StreamMode> mode,
        Optional<Integer> retentionPeriodHours,
        Optional<Integer> maxRecordSizeKiB,
        Optional<LimitsProfile> limits,
        Optional<Map<String, String>> tags,
        Optional<OnDemandBounds> onDemand,
        Optional<String> delivery) {

    public ApplyStream {
        tags = tags.map(TreeMap::new);
    }

    /** Of a stream that belongs to no delivery stream. */
    public ApplyStream(
            StreamName stream,
            String ownerUid,
            Optional<Integer> shardCount,
            Optional<StreamMode> mode,
            Optional<Integer> retentionPeriodHours,
            Optional<Integer> maxRecordSizeKiB,
            Optional<LimitsProfile> limits,
            Optional<Map<String, String>> tags,
            Optional<OnDemandBounds> onDemand) {
        this(
                stream,
                ownerUid,
                shardCount,
                mode,
                retentionPeriodHours,
                maxRecordSizeKiB,
                limits,
                tags,
                onDemand,
                Optional.empty());
    }

    /** Changes nothing but the owner, and reads how the stream stands. */
    public static ApplyStream nothing(StreamName stream, String ownerUid) {
        return new ApplyStream(
                stream,
                ownerUid,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
