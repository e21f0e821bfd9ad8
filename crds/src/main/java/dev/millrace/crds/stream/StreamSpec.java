/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a user wants of a stream. Defaults are in the schema, and here for objects that never saw
 * it.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value =
                "has(self.streamName) == has(oldSelf.streamName) && (!has(self.streamName) || self.streamName == oldSelf.streamName)",
        message = "spec.streamName cannot change: make another Stream, or delete this one first",
        fieldPath = ".streamName")
@ValidationRule(
        value = "self.pool == oldSelf.pool",
        message = "spec.pool cannot change: a stream's records lie on the brokers of its pool",
        fieldPath = ".pool")
@ValidationRule(
        value =
                "self.mode != 'ON_DEMAND' || oldSelf.mode != 'ON_DEMAND' || self.shardCount == oldSelf.shardCount",
        message =
                "spec.shardCount cannot be set while spec.mode is ON_DEMAND: the number of shards follows the load",
        fieldPath = ".shardCount")
@ValidationRule(
        value = "!has(self.tags) || self.tags.all(key, key.size() >= 1 && key.size() <= 128)",
        message = "spec.tags: the key of a tag has 1 to 128 characters",
        fieldPath = ".tags")
public record StreamSpec(
        @JsonPropertyDescription(
                        "The name that Kinesis clients use; by default the resource's own name. Cannot change.")
                @Pattern("^[a-zA-Z0-9_.-]{1,128}$")
                @Size(min = 1, max = 128)
                @Nullable String streamName,
        @JsonPropertyDescription(
                        "Who decides the number of shards: PROVISIONED, you do; ON_DEMAND, the stream's load does. UpdateStreamMode of the Kinesis API changes it too.")
                @Default("PROVISIONED")
                Mode mode,
        @JsonPropertyDescription(
                        "How many shards are open. A change reshards the stream while it is in use; kubectl scale and the Kinesis API change it too.")
                @Default("1")
                @Min(1)
                @Max(10_000)
                Integer shardCount,
        @JsonPropertyDescription("How long records can be read, in hours: 24 to 8760.")
                @Default("24")
                @Min(24)
                @Max(8_760)
                Integer retentionPeriodHours,
        @JsonPropertyDescription(
                        "The largest record, data and partition key, in KiB: 1024 to 10240.")
                @Default("1024")
                @Min(1_024)
                @Max(10_240)
                Integer maxRecordSizeKiB,
        @JsonPropertyDescription("Tags, as Kinesis has them; at most 50.") @Size(max = 50)
                Map<String, String> tags,
        @JsonPropertyDescription(
                        "The BrokerPool of this namespace that holds the stream. One named default is made where it is missing. Cannot change.")
                @Default("default")
                @Pattern("^[a-z]([-a-z0-9]*[a-z0-9])?$")
                @Size(min = 1, max = 40)
                String pool,
        @JsonPropertyDescription(
                        "What becomes of the records when this resource is deleted: Delete, or Retain.")
                @Default("Delete")
                DeletionPolicy deletionPolicy,
        @JsonPropertyDescription(
                        "Unlimited: as fast as the hardware. Kinesis: Amazon's limits for puts and reads of each shard, and for resharding.")
                @Default("Unlimited")
                Limits limits,
        @JsonPropertyDescription(
                        "With mode ON_DEMAND: how far the load may move the number of shards.")
                @Nullable OnDemand onDemand) {

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.minShards <= self.maxShards",
            message = "spec.onDemand.minShards cannot be more than maxShards",
            fieldPath = ".minShards")
    public record OnDemand(
            @JsonPropertyDescription("The fewest open shards.") @Default("4") @Min(1) @Max(10_000)
                    Integer minShards,
            @JsonPropertyDescription("The most open shards.") @Default("200") @Min(1) @Max(10_000)
                    Integer maxShards,
            @JsonPropertyDescription(
                            "What a shard is meant to take a second, in KiB of data and partition keys, and as many records. Beyond 80 % of it the shard is split.")
                    @Default("1024")
                    @Min(1)
                    @Max(1_048_576)
                    Integer shardKiBPerSecond) {
        public OnDemand {
            minShards = minShards == null ? Integer.valueOf(4) : minShards;
            maxShards = maxShards == null ? Integer.valueOf(200) : maxShards;
            shardKiBPerSecond =
                    shardKiBPerSecond == null ? Integer.valueOf(1_024) : shardKiBPerSecond;
        }
    }

    public enum Mode {
        PROVISIONED,
        ON_DEMAND
    }

    public enum DeletionPolicy {
        Delete,
        Retain
    }

    public enum Limits {
        Unlimited,
        Kinesis
    }

    public StreamSpec {
        mode = mode == null ? Mode.PROVISIONED : mode;
        shardCount = shardCount == null ? Integer.valueOf(1) : shardCount;
        retentionPeriodHours =
                retentionPeriodHours == null ? Integer.valueOf(24) : retentionPeriodHours;
        maxRecordSizeKiB = maxRecordSizeKiB == null ? Integer.valueOf(1_024) : maxRecordSizeKiB;
        tags = tags == null ? Map.of() : Map.copyOf(tags);
        pool = pool == null ? "default" : pool;
        deletionPolicy = deletionPolicy == null ? DeletionPolicy.Delete : deletionPolicy;
        limits = limits == null ? Limits.Unlimited : limits;
    }
}
