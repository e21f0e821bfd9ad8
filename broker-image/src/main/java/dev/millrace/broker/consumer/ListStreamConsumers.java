/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.SignedToken;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.map.StreamConsumer;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The registered consumers of a stream by name, page by page. */
public final class ListStreamConsumers implements Action {

    private static final int RESULTS_MAX = 10_000;
    private static final int RESULTS_DEFAULT = 100;
    private static final String SEPARATOR = "/";

    private final Streams streams;

    public ListStreamConsumers(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).checkArn(violations);
        Optional<Long> limit = input.integer("MaxResults");
        Optional<String> token = input.string("NextToken");
        violations
                .inRange("maxResults", limit, 1, RESULTS_MAX)
                .length("nextToken", token, 1, 1024 * 1024)
                .check();
        StreamView stream = streams.find(reference);
        input.timestamp("StreamCreationTimestamp").ifPresent(time -> checkCreation(stream, time));
        Optional<ConsumerName> after = token.map(text -> decode(text, stream.state().id()));
        // More than a page of them are not shown at once, whatever the request says.
        int count = (int) Math.min(RESULTS_DEFAULT, limit.orElse((long) RESULTS_DEFAULT));
        List<StreamConsumer> found =
                stream.state().consumers().stream()
                        .filter(consumer ->
                                after.isEmpty() || consumer.name().compareTo(after.get()) > 0)
                        .limit(count + 1L)
                        .toList();
        boolean more = found.size() > count;
        List<StreamConsumer> shown = more ? found.subList(0, count) : found;
        return (out, protocol) -> {
            out.writeArrayFieldStart("Consumers");
            for (StreamConsumer consumer : shown) {
                out.writeStartObject();
                new Registered(stream, consumer)
                        .writeFields(out, protocol, streams.account(), "ACTIVE");
                out.writeEndObject();
            }
            out.writeEndArray();
            if (more) {
                out.writeStringField(
                        "NextToken", encode(stream.state().id(), shown.getLast().name()));
            }
        };
    }

    private void checkCreation(StreamView stream, Instant time) {
        if (time.getEpochSecond() != stream.state().createdAt().getEpochSecond()) {
            throw new AwsException(
                    ErrorCode.RESOURCE_NOT_FOUND,
                    "Stream %s under account %s was not created at %s."
                            .formatted(stream.state().name(), streams.account().id(), time));
        }
    }

    private String encode(StreamId stream, ConsumerName last) {
        return SignedToken.encode(
                (stream.value() + SEPARATOR + last).getBytes(StandardCharsets.US_ASCII),
                streams.tokenKey());
    }

    private ConsumerName decode(String token, StreamId stream) {
        return SignedToken.decode(token, streams.tokenKey())
                .map(payload -> new String(payload, StandardCharsets.US_ASCII).split(SEPARATOR, -1))
                .filter(parts -> parts.length == 2 && parts[0].equals(stream.value()))
                .map(parts -> new ConsumerName(parts[1]))
                .orElseThrow(() -> AwsException.invalidArgument("Invalid NextToken."));
    }
}
