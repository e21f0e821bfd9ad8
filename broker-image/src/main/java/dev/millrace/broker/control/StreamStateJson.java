/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.Reshard;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.Map;

/** A stream as the operator sees it. */
final class StreamStateJson {

    private StreamStateJson() {}

    static void writeFields(
            JsonGenerator out, Protocol protocol, StreamView stream, Account account)
            throws IOException {
        StreamState state = stream.state();
        out.writeStringField("StreamName", state.name().value());
        out.writeStringField("StreamId", state.id().value());
        if (state.ownerUid().isPresent()) {
            out.writeStringField("OwnerUid", state.ownerUid().get());
        }
        out.writeStringField("StreamARN", account.arnOf(state.name()));
        out.writeStringField("StreamStatus", state.status().name());
        out.writeStringField("StreamMode", state.settings().mode().name());
        out.writeNumberField("OpenShardCount", stream.openShards().size());
        out.writeNumberField("ClosedShardCount", stream.closedShardCount());
        out.writeNumberField("TargetShardCount", state.targetShardCount());
        out.writeNumberField("RetentionPeriodHours", state.settings().retentionHours());
        out.writeNumberField("MaxRecordSizeInKiB", state.settings().maxRecordSizeKiB());
        out.writeFieldName("CreationTimestamp");
        protocol.writeTimestamp(out, state.createdAt());
        out.writeStringField("Topic", state.topic());
        out.writeStringField("Limits", state.settings().limits().name());
        OnDemandBounds onDemand = state.settings().onDemand();
        out.writeObjectFieldStart("OnDemand");
        out.writeNumberField("MinShards", onDemand.minShards());
        out.writeNumberField("MaxShards", onDemand.maxShards());
        out.writeNumberField("ShardKiBPerSecond", onDemand.shardKiBPerSecond());
        out.writeEndObject();
        out.writeObjectFieldStart("Tags");
        for (Map.Entry<String, String> tag : state.settings().tags().entrySet()) {
            out.writeStringField(tag.getKey(), tag.getValue());
        }
        out.writeEndObject();
        if (state.settings().delivery().isPresent()) {
            out.writeStringField("Delivery", state.settings().delivery().get());
        }
        if (state.reshard().isPresent()) {
            writeRunning(out, protocol, state.reshard().get());
        }
        if (state.lastReshard().isPresent()) {
            writeLast(out, protocol, state.lastReshard().get());
        }
    }

    private static void writeRunning(JsonGenerator out, Protocol protocol, Reshard reshard)
            throws IOException {
        out.writeObjectFieldStart("Reshard");
        writeGoal(out, reshard);
        out.writeNumberField("Step", reshard.step());
        out.writeNumberField("Steps", reshard.steps());
        out.writeFieldName("StartedAt");
        protocol.writeTimestamp(out, reshard.startedAt());
        out.writeEndObject();
    }

    private static void writeLast(JsonGenerator out, Protocol protocol, Reshard reshard)
            throws IOException {
        out.writeObjectFieldStart("LastReshard");
        writeGoal(out, reshard);
        out.writeFieldName("FinishedAt");
        protocol.writeTimestamp(out, reshard.finishedAt().orElse(reshard.startedAt()));
        out.writeEndObject();
    }

    private static void writeGoal(JsonGenerator out, Reshard reshard) throws IOException {
        out.writeNumberField("Id", reshard.id());
        out.writeNumberField("From", reshard.from());
        out.writeNumberField("Target", reshard.target());
        if (reshard.reason().isPresent()) {
            out.writeStringField("Reason", reshard.reason().get());
        }
    }
}
