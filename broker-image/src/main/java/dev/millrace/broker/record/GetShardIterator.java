/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.Shard;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the place in a shard to read from. */
public final class GetShardIterator implements Action {

    private static final Pattern SHARD_ID = Pattern.compile("[a-zA-Z0-9_.-]+");

    private final Streams streams;
    private final ShardReader reader;
    private final InstantSource clock;

    public GetShardIterator(Streams streams, ShardReader reader, InstantSource clock) {
        this.streams = streams;
        this.reader = reader;
        this.clock = clock;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<String> shardId = input.string("ShardId");
        violations
                .required("shardId", shardId)
                .length("shardId", shardId, 1, 128)
                .pattern("shardId", shardId, SHARD_ID);
        StartingPosition.check(input, StartingPosition.Fields.OF_ITERATOR, violations);
        violations.check();
        StreamView stream = streams.findUsable(reference);
        Shard shard = reader.find(stream, shardId.orElseThrow());
        StartingPosition position = StartingPosition.of(input, StartingPosition.Fields.OF_ITERATOR);
        long offset = reader.offsetOf(stream, shard, position, "GetShardIterator");
        DryRun.end(input);
        StreamState state = stream.state();
        ShardIteratorToken token =
                new ShardIteratorToken(
                        state.name(), state.id(), shard.id(), offset, clock.instant());
        String text = token.encode(streams.tokenKey());
        return (out, _) -> out.writeStringField("ShardIterator", text);
    }
}
