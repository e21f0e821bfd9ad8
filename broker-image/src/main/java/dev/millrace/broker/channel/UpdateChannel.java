/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.ChannelDefinition;
import dev.millrace.shard.map.Command;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/** Changes how fresh a channel keeps its destination, or what it says of its logs. */
public final class UpdateChannel implements Action {

    private final Channels channels;
    private final InstantSource clock;

    public UpdateChannel(Channels channels, InstantSource clock) {
        this.channels = channels;
        this.clock = clock;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Violations violations = new Violations();
        Optional<String> arn = Channels.arn(call.input(), violations);
        violations.check();
        ObjectNode body = Channels.body(call);
        ChannelDefinition before = channels.find(arn);
        ChannelConfiguration was = ChannelConfiguration.parse(before.configuration());
        Optional<Integer> freshness = freshness(body, was);
        ChannelConfiguration changed = freshness.map(was::withFreshness).orElse(was);
        if (body.path("LoggingConfiguration").path("CloudWatchLogs").isObject()) {
            changed = changed.withLogging(body.get("LoggingConfiguration"));
        }
        Optional<String> delivery = channels.delivery(before);
        String text =
                delivery.orElseThrow(() ->
                        new AwsException(
                                ErrorCode.RESOURCE_IN_USE,
                                "Channel %s has failed: its delivery stream was deleted."
                                        .formatted(before.name())));
        channels.streams()
                .perform(
                        new Command.UpdateChannel(
                                before.stream(),
                                before.id(),
                                changed.text(),
                                delivery,
                                freshness
                                        .map(seconds ->
                                                CarrierSpec.withFreshness(
                                                        text, seconds, clock.instant()))
                                        .orElse(text)));
        ChannelDefinition channel = channels.find(before.id());
        return (out, protocol) ->
                channels.writeDescription(out, protocol, channel, Optional.of("UPDATING"));
    }

    private static Optional<Integer> freshness(ObjectNode body, ChannelConfiguration channel) {
        String own = channel.toTables() ? ChannelConfiguration.TABLES : ChannelConfiguration.S3;
        String other = channel.toTables() ? ChannelConfiguration.S3 : ChannelConfiguration.TABLES;
        if (body.hasNonNull(other)) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "The destination of a channel cannot change: %s must not be specified."
                            .formatted(other));
        }
        if (!body.hasNonNull(own)) {
            return Optional.empty();
        }
        JsonNode freshness = body.path(own).path(ChannelConfiguration.FRESHNESS);
        if (freshness.isMissingNode() || freshness.isNull()) {
            new Violations()
                    .required(
                            (channel.toTables() ? "s3Tables" : "s3")
                                    + "DestinationConfiguration.dataFreshnessInSeconds",
                            Optional.empty())
                    .check();
        }
        ChannelConfiguration.checkFreshness(freshness);
        return Optional.of(freshness.asInt());
    }
}
