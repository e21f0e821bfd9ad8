/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.shard.map.StreamStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a delivery stream is, and whether it can be used. */
public final class DescribeDeliveryStream implements Action {

    /** There is one destination, which has always the same id. */
    static final String DESTINATION_ID = "destinationId-000000000001";

    private static final Set<String> SECRETS =
            Set.of("Password", "AccessKey", "PrivateKey", "KeyPassphrase");
    private static final List<String> OF_S3 =
            List.of(
                    "RoleARN",
                    "BucketARN",
                    "Prefix",
                    "ErrorOutputPrefix",
                    "BufferingHints",
                    "CompressionFormat",
                    "EncryptionConfiguration",
                    "CloudWatchLoggingOptions");

    private final DeliveryStreams deliveryStreams;

    public DescribeDeliveryStream(DeliveryStreams deliveryStreams) {
        this.deliveryStreams = deliveryStreams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        DeliveryStreams.Found found =
                deliveryStreams.find(DeliveryStreams.name(DeliveryStreams.body(call)));
        return (out, protocol) -> {
            out.writeObjectFieldStart("DeliveryStreamDescription");
            write(out, protocol, found);
            out.writeEndObject();
        };
    }

    private void write(JsonGenerator out, Protocol protocol, DeliveryStreams.Found found)
            throws IOException {
        Definition definition = found.definition();
        Definition.Aws aws =
                definition
                        .aws()
                        .orElseGet(() -> FromSpec.aws(definition, deliveryStreams.streams()));
        Instant created = found.buffer().state().createdAt();
        out.writeStringField("DeliveryStreamName", found.name().value());
        out.writeStringField("DeliveryStreamARN", deliveryStreams.arnOf(found.name()));
        out.writeStringField("DeliveryStreamStatus", status(found.status()));
        DeliveryEncryption.write(
                out,
                definition.isDirectPut()
                        ? found.buffer().state().settings().keyId()
                        : Optional.empty());
        out.writeStringField("DeliveryStreamType", definition.apiType());
        out.writeStringField("VersionId", Long.toString(definition.version()));
        out.writeFieldName("CreateTimestamp");
        protocol.writeTimestamp(out, created);
        if (definition.version() > 1 && definition.updatedAt().isPresent()) {
            out.writeFieldName("LastUpdateTimestamp");
            protocol.writeTimestamp(out, definition.updatedAt().get());
        }
        if (aws.source().isPresent()) {
            out.writeObjectFieldStart("Source");
            out.writeObjectFieldStart("KinesisStreamSourceDescription");
            out.writeStringField(
                    "KinesisStreamARN", aws.source().get().path("KinesisStreamARN").asText());
            out.writeStringField("RoleARN", aws.source().get().path("RoleARN").asText());
            out.writeFieldName("DeliveryStartTimestamp");
            protocol.writeTimestamp(out, created);
            out.writeEndObject();
            out.writeEndObject();
        }
        out.writeArrayFieldStart("Destinations");
        out.writeStartObject();
        out.writeStringField("DestinationId", DESTINATION_ID);
        destination(out, aws);
        out.writeEndObject();
        out.writeEndArray();
        out.writeBooleanField("HasMoreDestinations", false);
    }

    private static String status(StreamStatus status) {
        return switch (status) {
            case CREATING -> "CREATING";
            case ACTIVE, UPDATING -> "ACTIVE";
            case DELETING -> "DELETING";
        };
    }

    /** An S3 destination is shown twice, as clients of the older form read the other. */
    private static void destination(JsonGenerator out, Definition.Aws aws) throws IOException {
        ObjectNode shown = withDefaults(aws);
        if (!aws.kind().endsWith("S3")) {
            writeTree(out, aws.kind() + "DestinationDescription", shown);
            return;
        }
        ObjectNode plain = Definition.JSON.createObjectNode();
        for (String field : OF_S3) {
            if (shown.has(field)) {
                plain.set(field, shown.get(field));
            }
        }
        writeTree(out, "S3DestinationDescription", plain);
        writeTree(out, "ExtendedS3DestinationDescription", shown);
    }

    private static ObjectNode withDefaults(Definition.Aws aws) {
        ObjectNode shown = aws.config().deepCopy();
        shown.remove(SECRETS);
        describe(shown, "S3Configuration", "S3DestinationDescription");
        describe(shown, "S3BackupConfiguration", "S3BackupDescription");
        if (aws.kind().endsWith("S3")) {
            s3Defaults(shown);
            if (!shown.has("S3BackupMode")) {
                shown.put("S3BackupMode", "Disabled");
            }
        }
        if (shown.get("EndpointConfiguration") instanceof ObjectNode endpoint) {
            endpoint.remove(SECRETS);
        }
        return shown;
    }

    private static void describe(ObjectNode shown, String configuration, String description) {
        if (shown.remove(configuration) instanceof ObjectNode s3) {
            s3Defaults(s3);
            shown.set(description, s3);
        }
    }

    private static void s3Defaults(ObjectNode s3) {
        if (!s3.has("BufferingHints")) {
            s3.putObject("BufferingHints").put("SizeInMBs", 5).put("IntervalInSeconds", 300);
        }
        if (!s3.has("CompressionFormat")) {
            s3.put("CompressionFormat", "UNCOMPRESSED");
        }
        if (!s3.has("EncryptionConfiguration")) {
            s3.putObject("EncryptionConfiguration").put("NoEncryptionConfig", "NoEncryption");
        }
        if (!s3.has("CloudWatchLoggingOptions")) {
            s3.putObject("CloudWatchLoggingOptions").put("Enabled", false);
        }
    }

    private static void writeTree(JsonGenerator out, String field, ObjectNode tree)
            throws IOException {
        out.writeFieldName(field);
        Definition.JSON.writeTree(out, tree);
    }
}
