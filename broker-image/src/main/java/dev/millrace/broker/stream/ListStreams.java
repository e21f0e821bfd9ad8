/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.SignedToken;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The streams by name, page by page. */
public final class ListStreams implements Action {

    private static final int STREAMS_DEFAULT = 100;
    private static final int STREAMS_MAX = 10_000;
    private static final Pattern NAME = Pattern.compile(StreamName.PATTERN);

    private final Streams streams;

    public ListStreams(Streams streams) {
        this.streams = streams;
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
        Optional<StreamName> start = token.map(this::decode).or(() -> after.map(StreamName::new));
        int count = limit.map(Long::intValue).orElse(STREAMS_DEFAULT);
        List<StreamView> found =
                start.map(streams.map()::streamsAfter).orElseGet(streams.map()::streams).stream()
                        // What a delivery stream holds is not for those who look for streams.
                        .filter(stream -> stream.state().settings().delivery().isEmpty())
                        .limit(count + 1L)
                        .toList();
        boolean more = found.size() > count;
        List<StreamView> shown = more ? found.subList(0, count) : found;
        return (out, protocol) -> {
            out.writeArrayFieldStart("StreamNames");
            for (StreamView stream : shown) {
                out.writeString(stream.state().name().value());
            }
            out.writeEndArray();
            out.writeArrayFieldStart("StreamSummaries");
            for (StreamView stream : shown) {
                out.writeStartObject();
                StreamJson.writeSummary(out, protocol, stream.state(), streams.account());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeBooleanField("HasMoreStreams", more);
            if (more) {
                out.writeStringField("NextToken", encode(shown.getLast().state().name()));
            }
        };
    }

    private String encode(StreamName last) {
        return SignedToken.encode(
                last.value().getBytes(StandardCharsets.US_ASCII), streams.tokenKey());
    }

    private StreamName decode(String token) {
        return SignedToken.decode(token, streams.tokenKey())
                .map(name -> new String(name, StandardCharsets.US_ASCII))
                // One of another operation is no name.
                .filter(name -> NAME.matcher(name).matches())
                .map(StreamName::new)
                .orElseThrow(() -> AwsException.invalidArgument("Invalid NextToken."));
    }
}
