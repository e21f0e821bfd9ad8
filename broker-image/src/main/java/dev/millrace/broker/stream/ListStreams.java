/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.NextName;
import dev.millrace.broker.wire.Page;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;

/** The streams by name, page by page. */
public final class ListStreams implements Action {

    private static final int STREAMS_DEFAULT = 100;
    private static final int STREAMS_MAX = 10_000;
    private static final Pattern NAME = Pattern.compile(StreamName.PATTERN);

    /** What its tokens are of. */
    private static final String LIST = "streams";

    private final Streams streams;
    private final InstantSource clock;

    public ListStreams(Streams streams, InstantSource clock) {
        this.streams = streams;
        this.clock = clock;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        Optional<Long> limit = input.integer("Limit");
        Optional<String> after = input.string("ExclusiveStartStreamName");
        Optional<String> token = input.string("NextToken");
        new Violations()
                .inRange("limit", limit, 1, STREAMS_MAX)
                .length("exclusiveStartStreamName", after, 1, StreamName.LENGTH_MAX)
                .pattern("exclusiveStartStreamName", after, NAME)
                .length("nextToken", token, 1, 1024 * 1024)
                .check();
        if (after.isPresent() && token.isPresent()) {
            throw AwsException.invalidArgument(
                    "NextToken and ExclusiveStartStreamName cannot be provided together.");
        }
        Instant now = clock.instant();
        Optional<StreamName> start =
                token.map(text -> NextName.decode(LIST, text, now, streams.tokenKey()))
                        .or(() -> after)
                        .map(StreamName::new);
        int count = limit.map(Long::intValue).orElse(STREAMS_DEFAULT);
        Page<StreamView> page =
                Page.of(
                        start
                                .map(streams.map()::streamsAfter)
                                .orElseGet(streams.map()::streams)
                                .stream()
                                // What a delivery stream holds is not for those who look for
                                // streams.
                                .filter(stream -> stream.state().settings().delivery().isEmpty()),
                        count);
        return (out, protocol) -> {
            out.writeArrayFieldStart("StreamNames");
            for (StreamView stream : page.shown()) {
                out.writeString(stream.state().name().value());
            }
            out.writeEndArray();
            out.writeArrayFieldStart("StreamSummaries");
            for (StreamView stream : page.shown()) {
                out.writeStartObject();
                StreamJson.writeSummary(out, protocol, stream.state(), streams.account());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeBooleanField("HasMoreStreams", page.more());
            if (page.more()) {
                String last = page.shown().getLast().state().name().value();
                out.writeStringField(
                        "NextToken", NextName.encode(LIST, last, now, streams.tokenKey()));
            }
        };
    }
}
