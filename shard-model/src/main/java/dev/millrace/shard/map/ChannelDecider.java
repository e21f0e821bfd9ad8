/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import static dev.millrace.shard.map.CommandResult.Reason.LIMIT_EXCEEDED;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_IN_USE;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_NOT_FOUND;

import dev.millrace.shard.ChannelId;
import dev.millrace.shard.map.CommandDecider.Decided;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;

/** Decides commands about channels, and with each about the delivery stream that carries it. */
final class ChannelDecider {

    private final String account;
    private final StreamParts parts;

    ChannelDecider(String account) {
        this.account = account;
        this.parts = new StreamParts(account);
    }

    Decided create(ShardMap map, StreamState stream, Command.CreateChannel create, Instant now) {
        return parts.refusedAsNotActive(stream)
                .or(() -> parts.refusedAsProvisioned(stream, "Channels"))
                .orElseGet(() -> createOn(stream, map, create, now));
    }

    private Decided createOn(
            StreamState stream, ShardMap map, Command.CreateChannel create, Instant now) {
        ChannelDefinition channel =
                new ChannelDefinition(
                        create.id(),
                        create.channel(),
                        stream.name(),
                        stream.id(),
                        now.truncatedTo(ChronoUnit.MILLIS),
                        ChannelDefinition.carrierOf(create.channel(), create.id()),
                        create.configuration(),
                        create.tags());
        boolean taken =
                map.channels().stream().anyMatch(other -> other.name().equals(channel.name()))
                        || map.stream(channel.carrier().buffer()).isPresent();
        if (taken) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Channel %s under account %s already exists."
                            .formatted(channel.name(), account));
        }
        if (map.channelsOf(stream.name()).size() >= ChannelDefinition.PER_STREAM_MAX) {
            return Decided.refused(
                    LIMIT_EXCEEDED,
                    "Stream %s under account %s has %d channels, which is as many as it can have."
                            .formatted(stream.name(), account, ChannelDefinition.PER_STREAM_MAX));
        }
        Decision carrier =
                CommandDecider.create(
                        channel.carrier().buffer(),
                        create.carrierId(),
                        Optional.empty(),
                        StreamSettings.DEFAULT.withDelivery(Optional.of(create.delivery())),
                        1,
                        now);
        return Decided.done(carrier.and(Decision.write(new ShardMapRecord.ChannelPut(channel))));
    }

    Decided update(ShardMap map, Command.UpdateChannel update) {
        return whenThere(map, update.id(), channel -> update(map, channel, update));
    }

    private Decided update(ShardMap map, ChannelDefinition channel, Command.UpdateChannel update) {
        Optional<StreamState> carrier =
                map.stream(channel.carrier().buffer()).map(StreamView::state);
        boolean usable =
                carrier.filter(state ->
                                state.status() != StreamStatus.DELETING
                                        && state.settings()
                                                .delivery()
                                                .equals(update.expectedDelivery()))
                        .isPresent();
        if (!usable) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Channel %s under account %s was changed by somebody else meanwhile, or its delivery stream is gone."
                            .formatted(channel.name(), account));
        }
        StreamState state = carrier.orElseThrow();
        return Decided.done(
                CommandDecider.changeSettings(
                                state,
                                state.settings().withDelivery(Optional.of(update.delivery())))
                        .and(put(channel.withConfiguration(update.configuration()))));
    }

    Decided delete(ShardMap map, Command.DeleteChannel delete) {
        return whenThere(
                map,
                delete.id(),
                channel ->
                        Decided.done(
                                Decision.write(new ShardMapRecord.ChannelGone(channel.id()))
                                        .and(
                                                map.stream(channel.carrier().buffer())
                                                        .map(CommandDecider::delete)
                                                        .orElse(Decision.NOTHING))));
    }

    Decided changeTags(ShardMap map, Command.ChangeChannelTags change) {
        return whenThere(
                map,
                change.id(),
                channel ->
                        StreamParts.withTags(
                                StreamParts.changed(
                                        channel.tags(), change.added(), change.removed()),
                                "channel",
                                channel.name().value(),
                                tags -> Decided.done(put(channel.withTags(tags)))));
    }

    private Decided whenThere(
            ShardMap map, ChannelId id, Function<ChannelDefinition, Decided> decision) {
        return map.channel(id)
                .map(decision)
                .orElseGet(() ->
                        Decided.refused(
                                RESOURCE_NOT_FOUND,
                                "Channel %s under account %s not found.".formatted(id, account)));
    }

    private static Decision put(ChannelDefinition channel) {
        return Decision.write(new ShardMapRecord.ChannelPut(channel));
    }
}
