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
import dev.millrace.broker.wire.NextName;
import dev.millrace.broker.wire.Page;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.map.StreamConsumer;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** The registered consumers of a stream by name, page by page. */
public final class ListStreamConsumers implements Action {

    private static final int RESULTS_MAX = 10_000;
    private static final int RESULTS_DEFAULT = 100;

    private final Streams streams;
    private final InstantSource clock;

    public ListStreamConsumers(Streams streams, InstantSource clock) {
        this.streams = streams;
        this.clock = clock;
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
        // Those of another stream of this name are no list that goes on.
        String list = "consumers-" + stream.state().id().value();
        Instant now = clock.instant();
        Optional<ConsumerName> after =
                token.map(text -> NextName.decode(list, text, now, streams.tokenKey()))
                        .map(ConsumerName::new);
        // More than a page of them are not shown at once, whatever the request says.
        int count = (int) Math.min(RESULTS_DEFAULT, limit.orElse((long) RESULTS_DEFAULT));
        Page<StreamConsumer> page =
                Page.of(
                        stream.state().consumers().stream()
                                .filter(consumer ->
                                        after.isEmpty()
                                                || consumer.name().compareTo(after.get()) > 0),
                        count);
        return (out, protocol) -> {
            out.writeArrayFieldStart("Consumers");
            for (StreamConsumer consumer : page.shown()) {
                out.writeStartObject();
                new Registered(stream, consumer)
                        .writeFields(out, protocol, streams.account(), "ACTIVE");
                out.writeEndObject();
            }
            out.writeEndArray();
            if (page.more()) {
                String last = page.shown().getLast().name().value();
                out.writeStringField(
                        "NextToken", NextName.encode(list, last, now, streams.tokenKey()));
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
}
