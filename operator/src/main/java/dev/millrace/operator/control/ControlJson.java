/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The control API's requests and answers as JSON. Fields that it does not know are passed over, so
 * that a newer gateway is understood; one that it needs and misses is an {@link
 * IllegalArgumentException}.
 */
final class ControlJson {

    private static final double MILLIS = 1_000.0;

    private ControlJson() {}

    /** A page of ListStreamStates. */
    record Page(PoolStreams streams, Optional<String> next) {}

    static ObjectNode request() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ObjectNode write(ApplyStream apply) {
        ObjectNode json = request();
        json.put("StreamName", apply.stream().value());
        json.put("OwnerUid", apply.ownerUid());
        apply.shardCount().ifPresent(count -> json.put("ShardCount", count));
        apply.mode().ifPresent(mode -> json.put("StreamMode", mode.name()));
        apply.retentionPeriodHours().ifPresent(hours -> json.put("RetentionPeriodHours", hours));
        apply.maxRecordSizeKiB().ifPresent(size -> json.put("MaxRecordSizeInKiB", size));
        apply.limits().ifPresent(limits -> json.put("Limits", limits.name()));
        apply.onDemand()
                .ifPresent(bounds -> {
                    ObjectNode node = json.putObject("OnDemand");
                    node.put("MinShards", bounds.minShards());
                    node.put("MaxShards", bounds.maxShards());
                    node.put("ShardKiBPerSecond", bounds.shardKiBPerSecond());
                });
        apply.tags()
                .ifPresent(tags -> {
                    ObjectNode node = json.putObject("Tags");
                    tags.forEach(node::put);
                });
        apply.delivery().ifPresent(delivery -> json.put("Delivery", delivery));
        return json;
    }

    static StreamStateView streamState(JsonNode json) {
        return new StreamStateView(
                new StreamName(text(json, "StreamName")),
                new StreamId(text(json, "StreamId")),
                optionalText(json, "OwnerUid"),
                text(json, "StreamARN"),
                StreamStatus.valueOf(text(json, "StreamStatus")),
                StreamMode.valueOf(text(json, "StreamMode")),
                number(json, "OpenShardCount"),
                number(json, "ClosedShardCount"),
                number(json, "TargetShardCount"),
                number(json, "RetentionPeriodHours"),
                number(json, "MaxRecordSizeInKiB"),
                time(json, "CreationTimestamp"),
                text(json, "Topic"),
                LimitsProfile.valueOf(text(json, "Limits")),
                tags(json.path("Tags")),
                onDemand(json.path("OnDemand")),
                present(json, "Reshard").map(ControlJson::running),
                present(json, "LastReshard").map(ControlJson::finished),
                optionalText(json, "Delivery"),
                present(json, "Storage").map(ControlJson::storage));
    }

    static Page page(JsonNode json) {
        List<StreamStateView> streams = new ArrayList<>();
        json.path("Streams").forEach(stream -> streams.add(streamState(stream)));
        List<PoolStreams.Deleted> deleted = new ArrayList<>();
        json.path("DeletedStreams").forEach(stream -> deleted.add(deleted(stream)));
        return new Page(new PoolStreams(streams, deleted), optionalText(json, "NextToken"));
    }

    private static PoolStreams.Deleted deleted(JsonNode json) {
        return new PoolStreams.Deleted(
                new StreamName(text(json, "StreamName")),
                new StreamId(text(json, "StreamId")),
                optionalText(json, "OwnerUid"),
                time(json, "DeletedAt"));
    }

    static PoolDescription poolDescription(JsonNode json) {
        List<String> gateways = new ArrayList<>();
        json.path("Gateways").forEach(gateway -> gateways.add(text(gateway, "Id")));
        List<PoolDescription.Broker> brokers = new ArrayList<>();
        json.path("Brokers")
                .forEach(broker ->
                        brokers.add(
                                new PoolDescription.Broker(
                                        number(broker, "NodeId"),
                                        text(broker, "Host"),
                                        broker.path("Controller").asBoolean(),
                                        present(broker, "Volume").map(ControlJson::volume))));
        return new PoolDescription(
                gateways,
                brokers,
                number(json, "UnderReplicatedPartitions"),
                number(json, "StreamCount"),
                number(json, "OpenShardCount"));
    }

    private static PoolDescription.Volume volume(JsonNode json) {
        return new PoolDescription.Volume(
                required(json, "TotalBytes").longValue(),
                required(json, "FreeBytes").longValue(),
                required(json, "Full").booleanValue());
    }

    private static StreamStateView.Storage storage(JsonNode json) {
        return new StreamStateView.Storage(
                required(json, "Bytes").longValue(),
                number(json, "Replicas"),
                present(json, "GrowthBytesPerSecond").map(JsonNode::longValue));
    }

    static Optional<String> optionalText(JsonNode json, String field) {
        return present(json, field).filter(JsonNode::isTextual).map(JsonNode::textValue);
    }

    private static StreamStateView.Running running(JsonNode json) {
        return new StreamStateView.Running(
                required(json, "Id").longValue(),
                number(json, "From"),
                number(json, "Target"),
                number(json, "Step"),
                number(json, "Steps"),
                time(json, "StartedAt"),
                optionalText(json, "Reason"));
    }

    private static StreamStateView.Finished finished(JsonNode json) {
        return new StreamStateView.Finished(
                required(json, "Id").longValue(),
                number(json, "From"),
                number(json, "Target"),
                time(json, "FinishedAt"),
                optionalText(json, "Reason"));
    }

    /** A gateway of an older version has none. */
    private static OnDemandBounds onDemand(JsonNode json) {
        OnDemandBounds defaults = OnDemandBounds.DEFAULT;
        return new OnDemandBounds(
                json.path("MinShards").asInt(defaults.minShards()),
                json.path("MaxShards").asInt(defaults.maxShards()),
                json.path("ShardKiBPerSecond").asInt(defaults.shardKiBPerSecond()));
    }

    private static Map<String, String> tags(JsonNode json) {
        Map<String, String> tags = new TreeMap<>();
        json.properties().forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        return tags;
    }

    private static Optional<JsonNode> present(JsonNode json, String field) {
        return Optional.ofNullable(json.get(field)).filter(node -> !node.isNull());
    }

    private static JsonNode required(JsonNode json, String field) {
        return present(json, field)
                .orElseThrow(
                        () -> new IllegalArgumentException("The answer has no field " + field));
    }

    private static String text(JsonNode json, String field) {
        return required(json, field).asText();
    }

    private static int number(JsonNode json, String field) {
        return required(json, field).intValue();
    }

    private static Instant time(JsonNode json, String field) {
        return Instant.ofEpochMilli(Math.round(required(json, field).doubleValue() * MILLIS));
    }
}
