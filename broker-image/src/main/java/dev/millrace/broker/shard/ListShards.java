/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shard;

import dev.millrace.broker.stream.ShardJson;
import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The shards of a stream, filtered, page by page. */
public final class ListShards implements Action {

    private static final int SHARDS_DEFAULT = 1_000;
    private static final int SHARDS_MAX = 10_000;
    private static final Pattern SHARD_ID = Pattern.compile("[a-zA-Z0-9_.-]+");

    private final Streams streams;
    private final InstantSource clock;

    public ListShards(Streams streams, InstantSource clock) {
        this.streams = streams;
        this.clock = clock;
    }

    /** What to show: the shards behind one, or from the first on. */
    private record Selection(StreamView stream, ShardFilter filter, Optional<ShardId> after) {}

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).checkForm(violations);
        Optional<Long> limit = input.integer("MaxResults");
        Optional<String> token = input.string("NextToken");
        Optional<String> after = input.string("ExclusiveStartShardId");
        violations
                .inRange("maxResults", limit, 1, SHARDS_MAX)
                .length("nextToken", token, 1, 1024 * 1024)
                .length("exclusiveStartShardId", after, 1, 128)
                .pattern("exclusiveStartShardId", after, SHARD_ID);
        Optional<Input> filter = input.structure("ShardFilter");
        filter.ifPresent(f -> checkFilter(f, violations));
        violations.check();
        Selection selection =
                token.isPresent()
                        ? continued(token.get(), input, reference, after, filter)
                        : started(input, reference, after, filter);
        int count = limit.map(Long::intValue).orElse(SHARDS_DEFAULT);
        return answer(selection, count);
    }

    private Answer answer(Selection selection, int count) {
        Instant now = clock.instant();
        StreamView stream = selection.stream();
        List<Shard> found =
                selection.after().map(stream::shardsAfter).orElseGet(stream::shards).stream()
                        .filter(shard -> selection.filter().shows(shard, stream, now))
                        .limit(count + 1L)
                        .toList();
        boolean more = found.size() > count;
        List<Shard> shown = more ? found.subList(0, count) : found;
        return (out, _) -> {
            out.writeArrayFieldStart("Shards");
            for (Shard shard : shown) {
                ShardJson.write(out, shard);
            }
            out.writeEndArray();
            if (more) {
                ListShardsToken next =
                        new ListShardsToken(
                                stream.state().name(),
                                stream.state().id(),
                                selection.filter(),
                                shown.getLast().id(),
                                now);
                out.writeStringField("NextToken", next.encode(streams.tokenKey()));
            }
        };
    }

    private Selection started(
            Input input,
            StreamReference reference,
            Optional<String> after,
            Optional<Input> filter) {
        if (!reference.isPresent()) {
            throw AwsException.invalidArgument(
                    "Either NextToken or StreamName should be provided.");
        }
        StreamView stream = streams.find(reference);
        StreamName name = stream.state().name();
        Optional<Instant> createdAt = input.timestamp("StreamCreationTimestamp");
        if (createdAt.isPresent()
                && createdAt.get().getEpochSecond()
                        != stream.state().createdAt().getEpochSecond()) {
            throw new AwsException(
                    ErrorCode.RESOURCE_NOT_FOUND,
                    "Stream %s under account %s was not created at %s."
                            .formatted(name, streams.account().id(), createdAt.get()));
        }
        return new Selection(
                stream,
                filter.map(f -> filter(f, name)).orElse(ShardFilter.NONE),
                after.map(text -> streams.shardId(text, name)));
    }

    private Selection continued(
            String token,
            Input input,
            StreamReference reference,
            Optional<String> after,
            Optional<Input> filter) {
        if (reference.isPresent()) {
            throw AwsException.invalidArgument(
                    "NextToken and StreamName cannot be provided together.");
        }
        if (after.isPresent()
                || filter.isPresent()
                || input.timestamp("StreamCreationTimestamp").isPresent()) {
            throw AwsException.invalidArgument(
                    "NextToken cannot be provided together with ExclusiveStartShardId,"
                            + " StreamCreationTimestamp or ShardFilter.");
        }
        ListShardsToken place = ListShardsToken.decode(token, streams.tokenKey(), clock.instant());
        StreamView stream = streams.find(place.stream());
        if (!stream.state().id().equals(place.id())) {
            throw AwsException.invalidArgument("NextToken is of a stream that was deleted.");
        }
        return new Selection(stream, place.filter(), Optional.of(place.last()));
    }

    private static void checkFilter(Input filter, Violations violations) {
        Optional<String> type = filter.string("Type");
        Optional<String> shard = filter.string("ShardId");
        violations
                .required("shardFilter.type", type)
                .oneOf("shardFilter.type", type, ShardFilter.Type.values())
                .length("shardFilter.shardId", shard, 1, 128)
                .pattern("shardFilter.shardId", shard, SHARD_ID);
    }

    private ShardFilter filter(Input filter, StreamName stream) {
        return new ShardFilter(
                ShardFilter.Type.valueOf(filter.string("Type").orElseThrow()),
                filter.string("ShardId").map(text -> streams.shardId(text, stream)),
                filter.timestamp("Timestamp"));
    }
}
