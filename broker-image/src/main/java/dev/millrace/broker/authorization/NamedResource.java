/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.authorization;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.broker.channel.ChannelArn;
import dev.millrace.broker.consumer.ConsumerArn;
import dev.millrace.broker.queue.QueueArn;
import dev.millrace.broker.record.ShardIteratorToken;
import dev.millrace.broker.shard.ListShardsToken;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Call;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.StreamName;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request is about.
 *
 * @param arn as policies write it; {@code *} where a request names nothing
 * @param stream the stream that it is or belongs to
 * @param consumer the consumer that it is
 */
record NamedResource(
        String arn,
        Optional<StreamName> stream,
        Optional<ConsumerArn> consumer,
        Optional<QueueId> queue) {

    private static final NamedResource NOTHING =
            new NamedResource("*", Optional.empty(), Optional.empty(), Optional.empty());
    private static final Pattern OF_STREAM =
            Pattern.compile(
                    "arn:aws[^:]*:kinesis:[^:]*:\\d{12}:stream/([a-zA-Z0-9_.-]{1,128})(/.+)?");

    /**
     * Everything that the request names, in whatever field: where an operation uses only one of
     * them, or the last of two of the same name, the caller must be allowed for all.
     */
    static Set<NamedResource> in(Call call, Streams streams) throws IOException {
        Set<NamedResource> resources = new LinkedHashSet<>();
        try (JsonParser parser = call.parser()) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                for (String field = parser.nextFieldName();
                        field != null;
                        field = parser.nextFieldName()) {
                    if (parser.nextToken() == JsonToken.VALUE_STRING) {
                        add(field, parser, streams, resources);
                    } else if (field.equals("StreamConfigurationList")) {
                        addStreams(parser, streams, resources);
                    } else {
                        parser.skipChildren();
                    }
                }
            }
        }
        return resources.isEmpty() ? Set.of(NOTHING) : resources;
    }

    /** The streams of a new queue or channel are named inside of a list. */
    private static void addStreams(JsonParser parser, Streams streams, Set<NamedResource> resources)
            throws IOException {
        int depth = 0;
        do {
            JsonToken token = parser.currentToken();
            if (token == null) {
                return;
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (token == JsonToken.VALUE_STRING && "StreamARN".equals(parser.currentName())) {
                resources.add(ofArn(parser.getText(), streams));
            }
        } while (depth > 0 && parser.nextToken() != null);
    }

    private static void add(
            String field, JsonParser parser, Streams streams, Set<NamedResource> resources)
            throws IOException {
        switch (field) {
            case "DeliveryStreamName" ->
                    resources.add(
                            new NamedResource(
                                    streams.account().arnOfDelivery(parser.getText()),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty()));
            case "StreamName" -> resources.add(ofName(parser.getText(), streams));
            case "StreamId" -> ofId(parser.getText(), streams).ifPresent(resources::add);
            case "StreamARN", "ResourceARN", "ConsumerARN", "QueueARN", "ChannelARN" ->
                    resources.add(ofArn(parser.getText(), streams));
            case "ShardIterator" ->
                    ShardIteratorToken.streamOf(parser.getText(), streams.tokenKey())
                            .map(name -> ofStream(name, streams))
                            .ifPresent(resources::add);
            case "NextToken" ->
                    ListShardsToken.streamOf(parser.getText(), streams.tokenKey())
                            .map(name -> ofStream(name, streams))
                            .ifPresent(resources::add);
            default -> {}
        }
    }

    private static NamedResource ofStream(StreamName name, Streams streams) {
        return new NamedResource(
                streams.arnOf(name), Optional.of(name), Optional.empty(), Optional.empty());
    }

    /** A name of the wrong form belongs to nothing, and the action refuses it. */
    private static NamedResource ofName(String name, Streams streams) {
        return name.matches(StreamName.PATTERN) && name.length() <= StreamName.LENGTH_MAX
                ? ofStream(new StreamName(name), streams)
                : NOTHING;
    }

    private static Optional<NamedResource> ofId(String id, Streams streams) {
        return streams.map().streams().stream()
                .filter(stream -> stream.state().id().value().equals(id))
                .findFirst()
                .map(stream -> ofStream(stream.state().name(), streams));
    }

    /** Region and account of an ARN are not looked at by actions, so policies see our own. */
    private static NamedResource ofArn(String arn, Streams streams) {
        Matcher matcher = OF_STREAM.matcher(arn);
        if (!matcher.matches()) {
            Optional<QueueId> queue = QueueArn.parse(arn);
            return new NamedResource(
                    queue.map(streams.account()::arnOf)
                            .or(() -> ChannelArn.parse(arn).map(streams.account()::arnOf))
                            .orElse(arn),
                    Optional.empty(),
                    Optional.empty(),
                    queue);
        }
        StreamName name = new StreamName(matcher.group(1));
        String below = matcher.group(2) == null ? "" : matcher.group(2);
        return new NamedResource(
                streams.arnOf(name) + below,
                Optional.of(name),
                ConsumerArn.parse(arn),
                Optional.empty());
    }
}
