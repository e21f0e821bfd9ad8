/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.pool;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.millrace.crds.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a pool is. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BrokerPoolStatus(
        @JsonPropertyDescription("The generation of spec that this speaks of; -1 before the first.")
                @Nullable Long observedGeneration,
        @JsonPropertyDescription("Broker pods.") @Nullable Integer replicas,
        @JsonPropertyDescription("Broker pods that are ready.") @Nullable Integer readyReplicas,
        @JsonPropertyDescription("Broker pods of the newest revision.")
                @Nullable Integer updatedReplicas,
        @JsonPropertyDescription("The labels of the broker pods, for the scale subresource.")
                @Nullable String selector,
        @JsonPropertyDescription(
                        "Kafka's cluster id: the same whenever a pool of this name is made again.")
                @Nullable String clusterId,
        @JsonPropertyDescription("The endpoint for Kinesis clients inside of the cluster.")
                @Nullable String endpoint,
        @JsonPropertyDescription("The same with TLS, where spec.gateway.tls is given.")
                @Nullable String tlsEndpoint,
        @JsonPropertyDescription(
                        "The port of the endpoint on each node, where the Service has one.")
                @Nullable Integer nodePort,
        @JsonPropertyDescription("The bootstrap servers for plain Kafka clients.")
                @Nullable String bootstrapServers,
        @JsonPropertyDescription(
                        "The Secret with the access key that was made, where none is given in spec.")
                @Nullable String accessKeySecret,
        @JsonPropertyDescription("Streams in the pool.") @Nullable Integer streams,
        @JsonPropertyDescription("Open shards in the pool.") @Nullable Integer openShards,
        @JsonPropertyDescription("How much of the fullest volume is used, such as 31%.")
                @Nullable String diskUsed,
        @JsonPropertyDescription("The volume of each broker that answers.") List<Volume> volumes,
        @JsonPropertyDescription("The broker that decides who leads what.")
                @Nullable Integer controller,
        @JsonPropertyDescription(
                        "Ready, AccessKeysReady and, only while they hold, Reconciling, Stalled, Warning and DiskPressure.")
                List<Condition> conditions) {

    public BrokerPoolStatus {
        volumes = volumes == null ? List.of() : List.copyOf(volumes);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    public record Volume(
            @JsonPropertyDescription("The broker's number.") int broker,
            @JsonPropertyDescription("What is used of it, by records and all else.") String used,
            @JsonPropertyDescription("Its size.") String capacity,
            @JsonPropertyDescription("used of capacity, in percent.") int usedPercent) {}
}
