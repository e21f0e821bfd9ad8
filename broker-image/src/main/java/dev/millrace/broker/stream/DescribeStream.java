/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.Shard;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A stream with its shards, page by page. */
public final class DescribeStream implements Action {

    private static final int SHARDS_DEFAULT = 100;
    private static final int SHARDS_MAX = 10_000;
    private static final Pattern SHARD_ID = Pattern.compile("[a-zA-Z0-9_.-]+");

    private final Streams streams;

    public DescribeStream(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<Long> limit = input.integer("Limit");
        Optional<String> after = input.string("ExclusiveStartShardId");
        violations
                .inRange("limit", limit, 1, SHARDS_MAX)
                .length("exclusiveStartShardId", after, 1, 128)
                .pattern("exclusiveStartShardId", after, SHARD_ID)
                .check();
        StreamView stream = streams.find(reference);
        List<Shard> all =
                after.map(text -> streams.shardId(text, stream.state().name()))
                        .map(stream::shardsAfter)
                        .orElseGet(stream::shards);
        int shown = Math.min(all.size(), limit.map(Long::intValue).orElse(SHARDS_DEFAULT));
        return (out, protocol) -> {
            out.writeObjectFieldStart("StreamDescription");
            StreamJson.writeCommon(out, protocol, stream.state(), streams.account());
            out.writeArrayFieldStart("Shards");
            for (Shard shard : all.subList(0, shown)) {
                ShardJson.write(out, shard);
            }
            out.writeEndArray();
            out.writeBooleanField("HasMoreShards", shown < all.size());
            out.writeEndObject();
        };
    }
}
