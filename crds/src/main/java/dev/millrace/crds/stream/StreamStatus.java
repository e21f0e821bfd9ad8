/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.millrace.crds.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a stream is, in Kinesis's own words. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StreamStatus(
        @JsonPropertyDescription("The generation of spec that this speaks of; -1 before the first.")
                @Nullable Long observedGeneration,
        @JsonPropertyDescription(
                        "CREATING, ACTIVE, UPDATING (a reshard is on its way) or DELETING.")
                @Nullable String streamStatus,
        @JsonPropertyDescription("The ARN that the API answers with.") @Nullable String streamARN,
        @JsonPropertyDescription("The id of this life of the stream.") @Nullable String streamId,
        @JsonPropertyDescription("When the stream was made, RFC 3339.")
                @Nullable String streamCreationTimestamp,
        @JsonPropertyDescription("The endpoint for Kinesis clients inside of the cluster.")
                @Nullable String endpoint,
        @JsonPropertyDescription("The bootstrap servers for plain Kafka clients.")
                @Nullable String bootstrapServers,
        @JsonPropertyDescription("The Kafka topic that holds the records.") @Nullable String topic,
        @JsonPropertyDescription("Shards that take records.") @Nullable Integer openShardCount,
        @JsonPropertyDescription("Shards that can still be read and take no more records.")
                @Nullable Integer closedShardCount,
        @JsonPropertyDescription("The number of shards that the stream has or is heading for.")
                @Nullable Integer targetShardCount,
        @JsonPropertyDescription("How long records can be read, in hours.")
                @Nullable Integer retentionPeriodHours,
        @JsonPropertyDescription("The labels of the broker pods, for the scale subresource.")
                @Nullable String selector,
        @JsonPropertyDescription(
                        "What of spec was last taken over: how a later change is told from one made through the API.")
                @Nullable Applied applied,
        @JsonPropertyDescription("The reshard on its way.") @Nullable Reshard reshard,
        @JsonPropertyDescription("The last reshard that ended.") @Nullable LastReshard lastReshard,
        @JsonPropertyDescription("What the stream takes of the brokers' volumes.")
                @Nullable Storage storage,
        @JsonPropertyDescription(
                        "Ready, Resharding, PoolReady and, only while they hold, Reconciling, Stalled and ReconciliationPaused.")
                List<Condition> conditions) {

    public StreamStatus {
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Applied(
            @JsonPropertyDescription("The mode last taken over.") StreamSpec.@Nullable Mode mode,
            @JsonPropertyDescription("The shardCount last taken over.")
                    @Nullable Integer shardCount,
            @JsonPropertyDescription("The retentionPeriodHours last taken over.")
                    @Nullable Integer retentionPeriodHours,
            @JsonPropertyDescription("The maxRecordSizeKiB last taken over.")
                    @Nullable Integer maxRecordSizeKiB) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Storage(
            @JsonPropertyDescription("Bytes on the volumes, all copies together.") String used,
            @JsonPropertyDescription(
                            "Bytes a second that are written to one copy, on average over the last hour.")
                    @Nullable String ingestPerSecond,
            @JsonPropertyDescription(
                            "Bytes that all copies together take when the stream goes on like that for its whole retention.")
                    @Nullable String needed) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Reshard(
            @JsonPropertyDescription("Its number.") String id,
            @JsonPropertyDescription("Open shards when it began.") int from,
            @JsonPropertyDescription("Open shards when it ends.") int target,
            @JsonPropertyDescription("Splits and merges done.") int step,
            @JsonPropertyDescription("Splits and merges in all.") int steps,
            @JsonPropertyDescription("step/steps.") String progress,
            @JsonPropertyDescription("When it began, RFC 3339.") String startedAt) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LastReshard(
            @JsonPropertyDescription("Its number.") String id,
            @JsonPropertyDescription("Open shards when it began.") int from,
            @JsonPropertyDescription("Open shards when it ended.") int target,
            @JsonPropertyDescription("When it ended, RFC 3339.") String finishedAt) {}
}
