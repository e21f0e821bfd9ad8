/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import dev.millrace.broker.queue.StreamArns;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.SignedToken;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.ChannelName;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.ChannelDefinition;
import dev.millrace.shard.map.ShardMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The channels by name, page by page; all, or those of some streams. */
public final class ListChannels implements Action {

    private static final int RESULTS_MAX = 10_000;

    /** More than a page of them are not shown at once, whatever the request says. */
    private static final int PAGE = 100;

    private static final String TOKEN = "channel/";

    private final Channels channels;

    public ListChannels(Channels channels) {
        this.channels = channels;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        ShardMap map = channels.streams().map();
        Violations violations = new Violations();
        Optional<Long> limit = input.integer("MaxResults");
        Optional<String> token = input.string("NextToken");
        violations
                .inRange("maxResults", limit, 1, RESULTS_MAX)
                .length("nextToken", token, 1, 1024 * 1024);
        Predicate<StreamName> wanted = StreamArns.filter(input, map, violations);
        violations.check();
        Optional<ChannelName> after = token.map(this::decode);
        int count = (int) Math.min(PAGE, limit.orElse((long) PAGE));
        List<ChannelDefinition> found =
                map.channels().stream()
                        .filter(channel -> wanted.test(channel.stream()))
                        .filter(channel ->
                                after.isEmpty() || channel.name().compareTo(after.get()) > 0)
                        .sorted(Comparator.comparing(ChannelDefinition::name))
                        .limit(count + 1L)
                        .toList();
        boolean more = found.size() > count;
        List<ChannelDefinition> shown = more ? found.subList(0, count) : found;
        return (out, protocol) -> {
            out.writeArrayFieldStart("ChannelSummaries");
            for (ChannelDefinition channel : shown) {
                out.writeStartObject();
                channels.writeSummary(out, protocol, channel);
                out.writeEndObject();
            }
            out.writeEndArray();
            if (more) {
                out.writeStringField("NextToken", encode(shown.getLast().name()));
            }
        };
    }

    private String encode(ChannelName last) {
        return SignedToken.encode(
                (TOKEN + last).getBytes(StandardCharsets.US_ASCII), channels.streams().tokenKey());
    }

    private ChannelName decode(String token) {
        return SignedToken.decode(token, channels.streams().tokenKey())
                .map(payload -> new String(payload, StandardCharsets.US_ASCII))
                .filter(payload -> payload.startsWith(TOKEN))
                .map(payload -> new ChannelName(payload.substring(TOKEN.length())))
                .orElseThrow(() -> AwsException.invalidArgument("Invalid NextToken."));
    }
}
