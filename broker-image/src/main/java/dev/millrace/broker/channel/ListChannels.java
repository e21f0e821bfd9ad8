/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.channel;

import dev.millrace.broker.queue.StreamArns;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.NextName;
import dev.millrace.broker.wire.Page;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.ChannelName;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.ChannelDefinition;
import dev.millrace.shard.map.ShardMap;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;

/** The channels by name, page by page; all, or those of some streams. */
public final class ListChannels implements Action {

    private static final int RESULTS_MAX = 10_000;

    /** More than a page of them are not shown at once, whatever the request says. */
    private static final int PAGE = 100;

    /** What its tokens are of. */
    private static final String LIST = "channels";

    private final Channels channels;
    private final InstantSource clock;

    public ListChannels(Channels channels, InstantSource clock) {
        this.channels = channels;
        this.clock = clock;
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
        Instant now = clock.instant();
        byte[] key = channels.streams().tokenKey();
        Optional<ChannelName> after =
                token.map(text -> NextName.decode(LIST, text, now, key)).map(ChannelName::new);
        int count = (int) Math.min(PAGE, limit.orElse((long) PAGE));
        Page<ChannelDefinition> page =
                Page.of(
                        map.channels().stream()
                                .filter(channel -> wanted.test(channel.stream()))
                                .filter(channel ->
                                        after.isEmpty()
                                                || channel.name().compareTo(after.get()) > 0)
                                .sorted(Comparator.comparing(ChannelDefinition::name)),
                        count);
        return (out, protocol) -> {
            out.writeArrayFieldStart("ChannelSummaries");
            for (ChannelDefinition channel : page.shown()) {
                out.writeStartObject();
                channels.writeSummary(out, protocol, channel);
                out.writeEndObject();
            }
            out.writeEndArray();
            if (page.more()) {
                String last = page.shown().getLast().name().value();
                out.writeStringField("NextToken", NextName.encode(LIST, last, now, key));
            }
        };
    }
}
