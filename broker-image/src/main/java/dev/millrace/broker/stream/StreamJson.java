/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.shard.map.ShardLevelMetric;
import dev.millrace.shard.map.StreamState;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** Streams as the API shows them. */
final class StreamJson {

    private StreamJson() {}

    /** What every form of a stream has. */
    static void writeSummary(
            JsonGenerator out, Protocol protocol, StreamState state, Account account)
            throws IOException {
        out.writeStringField("StreamName", state.name().value());
        out.writeStringField("StreamARN", account.arnOf(state.name()));
        out.writeStringField("StreamStatus", state.status().name());
        out.writeObjectFieldStart("StreamModeDetails");
        out.writeStringField("StreamMode", state.settings().mode().name());
        out.writeEndObject();
        out.writeFieldName("StreamCreationTimestamp");
        protocol.writeTimestamp(out, state.createdAt());
    }

    /** What DescribeStream and DescribeStreamSummary both show. */
    static void writeCommon(
            JsonGenerator out, Protocol protocol, StreamState state, Account account)
            throws IOException {
        writeSummary(out, protocol, state, account);
        out.writeNumberField("RetentionPeriodHours", state.settings().retentionHours());
        out.writeArrayFieldStart("EnhancedMonitoring");
        out.writeStartObject();
        writeMetrics(out, "ShardLevelMetrics", state.settings().shardLevelMetrics());
        out.writeEndObject();
        out.writeEndArray();
        Optional<String> keyId = state.settings().keyId();
        out.writeStringField("EncryptionType", keyId.isPresent() ? "KMS" : "NONE");
        if (keyId.isPresent()) {
            out.writeStringField("KeyId", keyId.get());
        }
    }

    static void writeMetrics(JsonGenerator out, String field, Set<ShardLevelMetric> metrics)
            throws IOException {
        out.writeArrayFieldStart(field);
        for (ShardLevelMetric metric : metrics) {
            out.writeString(metric.kinesisName());
        }
        out.writeEndArray();
    }
}
