/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.millrace.crds.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a delivery stream is, in Firehose's own words. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeliveryStreamStatus(
        @JsonPropertyDescription("The generation of spec that this speaks of; -1 before the first.")
                @Nullable Long observedGeneration,
        @JsonPropertyDescription("CREATING, ACTIVE, SUSPENDED or DELETING.")
                @Nullable String deliveryStreamStatus,
        @JsonPropertyDescription("The ARN that the API answers with.")
                @Nullable String deliveryStreamARN,
        @JsonPropertyDescription("The version of the configuration, in the names of objects.")
                @Nullable String versionId,
        @JsonPropertyDescription("The id that UpdateDestination asks for.")
                @Nullable String destinationId,
        @JsonPropertyDescription("What the version was made of.") @Nullable String configHash,
        @JsonPropertyDescription(
                        "What of spec the API was last told, or has told: how a later change is told from one made through the API.")
                @Nullable String definitionHash,
        @JsonPropertyDescription("The BrokerPool that it lives in.") @Nullable String pool,
        @JsonPropertyDescription("When the version came, RFC 3339.")
                @Nullable String lastUpdateTimestamp,
        @JsonPropertyDescription("DirectPut, or stream/NAME.") @Nullable String from,
        @JsonPropertyDescription("Where records go, such as s3://bucket/prefix.")
                @Nullable String to,
        @JsonPropertyDescription("The stream that is delivered, as Kinesis clients name it.")
                @Nullable String sourceStream,
        @JsonPropertyDescription("Worker pods.") @Nullable Integer replicas,
        @JsonPropertyDescription("Worker pods that are ready.") @Nullable Integer readyReplicas,
        @JsonPropertyDescription("The labels of the worker pods, for the scale subresource.")
                @Nullable String selector,
        @JsonPropertyDescription(
                        "The age of the oldest record that is not delivered, rounded; exact in the metrics.")
                @Nullable String freshness,
        @JsonPropertyDescription(
                        "When freshness, source and delivery were last written: at most once a minute.")
                @Nullable String measuredAt,
        @JsonPropertyDescription("How far the source is read.") @Nullable Progress source,
        @JsonPropertyDescription("What was delivered.") @Nullable Delivery delivery,
        @JsonPropertyDescription(
                        "Ready, SourceReady, DestinationReachable, DeliveryHealthy and, only while they hold, Reconciling, Stalled, Warning and ReconciliationPaused.")
                List<Condition> conditions) {

    public DeliveryStreamStatus {
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Progress(
            @JsonPropertyDescription("Shards that take records.") @Nullable Integer openShards,
            @JsonPropertyDescription("Shards that a worker reads.")
                    @Nullable Integer assignedShards,
            @JsonPropertyDescription("Records that are not read.") @Nullable Long lagRecords,
            @JsonPropertyDescription("The age of the oldest record that is not read.")
                    @Nullable Long millisBehindLatest) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Delivery(
            @JsonPropertyDescription("Records delivered since the workers began.")
                    @Nullable Long deliveredRecords,
            @JsonPropertyDescription(
                            "Records that can never be delivered, since the workers began.")
                    @Nullable Long failedRecords,
            @JsonPropertyDescription("Records whose retention ended before they were delivered.")
                    @Nullable Long expiredRecords,
            @JsonPropertyDescription("When something was last delivered, RFC 3339.")
                    @Nullable String lastSuccessTime,
            @JsonPropertyDescription("What last went wrong.") @Nullable LastError lastError) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LastError(
            @JsonPropertyDescription("One of the error codes in docs/delivery.md.") String code,
            @JsonPropertyDescription("What the destination said.") String message,
            @JsonPropertyDescription("When it was, RFC 3339.") String time) {}
}
