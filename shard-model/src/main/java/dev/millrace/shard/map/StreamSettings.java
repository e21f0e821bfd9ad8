/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.demand.OnDemandBounds;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a user sets of a stream, beside its shards. A log of an older version lacks the later
 * fields: they have their defaults then.
 *
 * @param retentionHours how long records can be read, 24 to 8,760 hours
 * @param maxRecordSizeKiB the largest record (data and partition key), 1,024 to 10,240 KiB
 * @param tags at most 50, in the order of their keys
 * @param shardLevelMetrics what is measured for each shard, too
 * @param keyId the key that records are encrypted with
 * @param recordDistribution what decides the shard of a record
 * @param policy who may do what with the stream: a resource policy, JSON
 * @param onDemand how far its load may move the number of its shards, in ON_DEMAND mode
 * @param delivery the delivery stream that this stream belongs to, JSON; none for a stream of its
 *     own
 */
public record StreamSettings(
        StreamMode mode,
        LimitsProfile limits,
        int retentionHours,
        int maxRecordSizeKiB,
        Map<String, String> tags,
        Set<ShardLevelMetric> shardLevelMetrics,
        Optional<String> keyId,
        RecordDistributionStrategy recordDistribution,
        Optional<String> policy,
        OnDemandBounds onDemand,
        Optional<String> delivery) {

    public static final int RETENTION_HOURS_MIN = 24;
    public static final int RETENTION_HOURS_MAX = 8_760;
    public static final int RECORD_SIZE_KIB_MIN = 1_024;
    public static final int RECORD_SIZE_KIB_MAX = 10_240;
    public static final int TAGS_MAX = 50;

    public static final StreamSettings DEFAULT =
            new StreamSettings(
                    StreamMode.PROVISIONED,
                    LimitsProfile.UNLIMITED,
                    RETENTION_HOURS_MIN,
                    RECORD_SIZE_KIB_MIN,
                    Map.of(),
                    Set.of(),
                    Optional.empty(),
                    RecordDistributionStrategy.USER_PARTITION_KEY,
                    Optional.empty(),
                    OnDemandBounds.DEFAULT,
                    Optional.empty());

    public StreamSettings {
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
        shardLevelMetrics =
                Collections.unmodifiableSet(
                        new TreeSet<>(Objects.requireNonNullElse(shardLevelMetrics, Set.of())));
        recordDistribution =
                Objects.requireNonNullElse(
                        recordDistribution, RecordDistributionStrategy.USER_PARTITION_KEY);
        onDemand = Objects.requireNonNullElse(onDemand, OnDemandBounds.DEFAULT);
    }

    public StreamSettings withMode(StreamMode changed) {
        return new StreamSettings(
                changed,
                limits,
                retentionHours,
                maxRecordSizeKiB,
                tags,
                shardLevelMetrics,
                keyId,
                recordDistribution,
                policy,
                onDemand,
                delivery);
    }

    public StreamSettings withLimits(LimitsProfile changed) {
        return new StreamSettings(
                mode,
                changed,
                retentionHours,
                maxRecordSizeKiB,
                tags,
                shardLevelMetrics,
                keyId,
                recordDistribution,
                policy,
                onDemand,
                delivery);
    }

    public StreamSettings withRetentionHours(int changed) {
        return new StreamSettings(
                mode,
                limits,
                changed,
                maxRecordSizeKiB,
                tags,
                shardLevelMetrics,
                keyId,
                recordDistribution,
                policy,
                onDemand,
                delivery);
    }

    public StreamSettings withMaxRecordSizeKiB(int changed) {
        return new StreamSettings(
                mode,
                limits,
                retentionHours,
                changed,
                tags,
                shardLevelMetrics,
                keyId,
                recordDistribution,
                policy,
                onDemand,
                delivery);
    }

    public StreamSettings withTags(Map<String, String> changed) {
        return new StreamSettings(
                mode,
                limits,
                retentionHours,
                maxRecordSizeKiB,
                changed,
                shardLevelMetrics,
                keyId,
                recordDistribution,
                policy,
                onDemand,
                delivery);
    }

    public StreamSettings withShardLevelMetrics(Set<ShardLevelMetric> changed) {
        return new StreamSettings(
                mode,
                limits,
                retentionHours,
                maxRecordSizeKiB,
                tags,
                changed,
                keyId,
                recordDistribution,
                policy,
                onDemand,
                delivery);
    }

    public StreamSettings withKeyId(Optional<String> changed) {
        return new StreamSettings(
                mode,
                limits,
                retentionHours,
                maxRecordSizeKiB,
                tags,
                shardLevelMetrics,
                changed,
                recordDistribution,
                policy,
                onDemand,
                delivery);
    }

    public StreamSettings withRecordDistribution(RecordDistributionStrategy changed) {
        return new StreamSettings(
                mode,
                limits,
                retentionHours,
                maxRecordSizeKiB,
                tags,
                shardLevelMetrics,
                keyId,
                changed,
                policy,
                onDemand,
                delivery);
    }

    public StreamSettings withPolicy(Optional<String> changed) {
        return new StreamSettings(
                mode,
                limits,
                retentionHours,
                maxRecordSizeKiB,
                tags,
                shardLevelMetrics,
                keyId,
                recordDistribution,
                changed,
                onDemand,
                delivery);
    }

    public StreamSettings withOnDemand(OnDemandBounds changed) {
        return new StreamSettings(
                mode,
                limits,
                retentionHours,
                maxRecordSizeKiB,
                tags,
                shardLevelMetrics,
                keyId,
                recordDistribution,
                policy,
                changed,
                delivery);
    }

    public StreamSettings withDelivery(Optional<String> changed) {
        return new StreamSettings(
                mode,
                limits,
                retentionHours,
                maxRecordSizeKiB,
                tags,
                shardLevelMetrics,
                keyId,
                recordDistribution,
                policy,
                onDemand,
                changed);
    }
}
