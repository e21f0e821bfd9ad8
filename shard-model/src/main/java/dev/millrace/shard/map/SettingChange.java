/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** One setting of a stream that an operation of the API changes by itself. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "setting")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SettingChange.Mode.class, name = "mode"),
    @JsonSubTypes.Type(value = SettingChange.RecordSize.class, name = "record-size"),
    @JsonSubTypes.Type(value = SettingChange.Encryption.class, name = "encryption"),
    @JsonSubTypes.Type(value = SettingChange.Monitoring.class, name = "monitoring"),
    @JsonSubTypes.Type(value = SettingChange.RecordDistribution.class, name = "distribution"),
    @JsonSubTypes.Type(value = SettingChange.Policy.class, name = "policy"),
    @JsonSubTypes.Type(value = SettingChange.Delivery.class, name = "delivery")
})
public sealed interface SettingChange {

    /** The settings with the change made. */
    StreamSettings applyTo(StreamSettings settings);

    /** UpdateStreamMode. */
    record Mode(StreamMode mode) implements SettingChange {
        @Override
        public StreamSettings applyTo(StreamSettings settings) {
            return settings.withMode(mode);
        }
    }

    /** UpdateMaxRecordSize. */
    record RecordSize(int kib) implements SettingChange {
        @Override
        public StreamSettings applyTo(StreamSettings settings) {
            return settings.withMaxRecordSizeKiB(kib);
        }
    }

    /**
     * StartStreamEncryption and StopStreamEncryption.
     *
     * @param keyId the key that records are encrypted with from now on; none to write them as they
     *     are
     */
    record Encryption(Optional<String> keyId) implements SettingChange {
        @Override
        public StreamSettings applyTo(StreamSettings settings) {
            return settings.withKeyId(keyId);
        }
    }

    /** EnableEnhancedMonitoring and DisableEnhancedMonitoring. */
    record Monitoring(Set<ShardLevelMetric> enabled, Set<ShardLevelMetric> disabled)
            implements SettingChange {
        public Monitoring {
            enabled = Set.copyOf(enabled);
            disabled = Set.copyOf(disabled);
        }

        @Override
        public StreamSettings applyTo(StreamSettings settings) {
            EnumSet<ShardLevelMetric> metrics = EnumSet.noneOf(ShardLevelMetric.class);
            metrics.addAll(settings.shardLevelMetrics());
            metrics.addAll(enabled);
            metrics.removeAll(disabled);
            return settings.withShardLevelMetrics(metrics);
        }
    }

    /** UpdateStreamRecordDistributionStrategy. */
    record RecordDistribution(RecordDistributionStrategy strategy) implements SettingChange {
        @Override
        public StreamSettings applyTo(StreamSettings settings) {
            return settings.withRecordDistribution(strategy);
        }
    }

    /**
     * PutResourcePolicy and DeleteResourcePolicy.
     *
     * @param document the policy as the caller wrote it, JSON
     */
    record Policy(Optional<String> document) implements SettingChange {
        @Override
        public StreamSettings applyTo(StreamSettings settings) {
            return settings.withPolicy(document);
        }
    }

    /**
     * What changes a delivery stream.
     *
     * @param expected what it was when the change was thought of; where it is another by now, the
     *     change is refused
     */
    record Delivery(Optional<String> expected, String definition) implements SettingChange {
        @Override
        public StreamSettings applyTo(StreamSettings settings) {
            return settings.withDelivery(Optional.of(definition));
        }
    }
}
