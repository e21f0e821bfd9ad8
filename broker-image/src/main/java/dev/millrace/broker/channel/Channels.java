/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.queue.StreamArns;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.ChannelId;
import dev.millrace.shard.map.ChannelDefinition;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;

/** The channels as actions see them: those of the shard map, in AWS's words. */
public final class Channels {

    private static final String KIND_S3 = "S3";
    private static final String KIND_TABLES = "S3_TABLES";

    private final Streams streams;
    private final boolean offered;

    /**
     * @param offered whether somebody runs delivery streams for this pool
     */
    public Channels(Streams streams, boolean offered) {
        this.streams = streams;
        this.offered = offered;
    }

    /**
     * How a channel stands.
     *
     * @param reason why it has failed
     */
    private record Status(String name, Optional<String> reason) {
        static Status of(String name) {
            return new Status(name, Optional.empty());
        }
    }

    Streams streams() {
        return streams;
    }

    /** Whether there may be any. */
    public boolean areOffered() {
        return offered;
    }

    /**
     * @throws AwsException if nobody would deliver
     */
    void checkOffered() {
        if (!offered) {
            throw new AwsException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "The account may have 0 channels: nobody runs deliveries for this service.");
        }
    }

    /** The body of a request as a tree, in whatever encoding. */
    static ObjectNode body(Call call) throws IOException {
        try {
            if (ChannelConfiguration.JSON.readTree(call.parser()) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException _) {
            // Said below.
        }
        throw AwsException.serialization("");
    }

    /** The ARN of a channel that a request must have; adds what is wrong with it. */
    static Optional<String> arn(Input input, Violations violations) {
        Optional<String> arn = input.string("ChannelARN");
        violations
                .required("channelARN", arn)
                .length("channelARN", arn, 1, ChannelArn.LENGTH_MAX)
                .pattern("channelARN", arn, ChannelArn.FORM);
        return arn;
    }

    /**
     * The channel of an ARN, once the violations are checked.
     *
     * @throws AwsException if there is none
     */
    ChannelDefinition find(Optional<String> arn) {
        return ChannelArn.parse(arn.orElseThrow())
                .flatMap(streams.map()::channel)
                .orElseThrow(() -> notFound(arn.get()));
    }

    /**
     * @throws AwsException if it was deleted meanwhile
     */
    ChannelDefinition find(ChannelId id) {
        return streams.map().channel(id).orElseThrow(() -> notFound(streams.account().arnOf(id)));
    }

    private AwsException notFound(String arn) {
        return new AwsException(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Channel %s under account %s not found.".formatted(arn, streams.account().id()));
    }

    /** The definition of the delivery stream that carries a channel, while it is there. */
    Optional<String> delivery(ChannelDefinition channel) {
        return streams.map().stream(channel.carrier().buffer())
                .flatMap(stream -> stream.state().settings().delivery());
    }

    private Status status(ChannelDefinition channel) {
        ShardMap map = streams.map();
        Optional<StreamState> source =
                map.stream(channel.stream())
                        .map(StreamView::state)
                        .filter(state -> state.id().equals(channel.streamId()));
        if (source.isEmpty()) {
            return failed("Stream %s was deleted.".formatted(channel.stream()));
        }
        Function<StreamState, Status> ofCarrier =
                carrier ->
                        switch (carrier.status()) {
                            case CREATING -> Status.of("CREATING");
                            case ACTIVE, UPDATING -> Status.of("ACTIVE");
                            case DELETING -> Status.of("DELETING");
                        };
        return map.stream(channel.carrier().buffer())
                .map(StreamView::state)
                .map(ofCarrier)
                .orElseGet(() ->
                        failed("Delivery stream %s was deleted.".formatted(channel.carrier())));
    }

    private static Status failed(String reason) {
        return new Status("FAILED", Optional.of(reason));
    }

    /**
     * Writes a description.
     *
     * @param said the status that the operation says; the one that the channel has if empty
     */
    void writeDescription(
            JsonGenerator out, Protocol protocol, ChannelDefinition channel, Optional<String> said)
            throws IOException {
        ChannelConfiguration configuration = ChannelConfiguration.parse(channel.configuration());
        out.writeObjectFieldStart("ChannelDescription");
        writeCommon(out, protocol, channel, said);
        writeTree(
                out,
                "ServiceExecutionRoleARN",
                configuration.json().path("ServiceExecutionRoleARN"));
        out.writeArrayFieldStart("StreamConfigurationList");
        out.writeStartObject();
        writeStream(out, protocol, channel);
        writeTree(out, "RecordConfiguration", configuration.json().path("RecordConfiguration"));
        out.writeEndObject();
        out.writeEndArray();
        writeTree(
                out,
                configuration.toTables() ? ChannelConfiguration.TABLES : ChannelConfiguration.S3,
                configuration.destination());
        writeTree(out, "LoggingConfiguration", configuration.json().path("LoggingConfiguration"));
        out.writeEndObject();
    }

    /** Writes the fields of a summary. */
    void writeSummary(JsonGenerator out, Protocol protocol, ChannelDefinition channel)
            throws IOException {
        writeCommon(out, protocol, channel, Optional.empty());
        out.writeStringField(
                "ChannelDestinationType",
                ChannelConfiguration.parse(channel.configuration()).toTables()
                        ? KIND_TABLES
                        : KIND_S3);
        out.writeArrayFieldStart("Streams");
        out.writeStartObject();
        writeStream(out, protocol, channel);
        out.writeEndObject();
        out.writeEndArray();
    }

    private void writeCommon(
            JsonGenerator out, Protocol protocol, ChannelDefinition channel, Optional<String> said)
            throws IOException {
        Status status = said.map(Status::of).orElseGet(() -> status(channel));
        out.writeStringField("ChannelName", channel.name().value());
        out.writeStringField("ChannelARN", streams.account().arnOf(channel.id()));
        out.writeStringField("ChannelId", channel.id().value());
        out.writeStringField("ChannelStatus", status.name());
        if (status.reason().isPresent()) {
            out.writeStringField("ChannelStatusReason", status.reason().get());
        }
        out.writeFieldName("ChannelCreationTimestamp");
        protocol.writeTimestamp(out, channel.createdAt());
    }

    private void writeStream(JsonGenerator out, Protocol protocol, ChannelDefinition channel)
            throws IOException {
        out.writeStringField("StreamARN", streams.arnOf(channel.stream()));
        out.writeFieldName("StreamCreationTimestamp");
        protocol.writeTimestamp(out, StreamArns.createdAt(channel.stream(), streams.map()));
    }

    private static void writeTree(JsonGenerator out, String field, JsonNode node)
            throws IOException {
        out.writeFieldName(field);
        ChannelConfiguration.JSON.writeTree(out, node);
    }
}
