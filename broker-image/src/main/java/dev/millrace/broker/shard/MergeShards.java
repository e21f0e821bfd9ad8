/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shard;

import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Merges two shards with adjacent ranges into one. */
public final class MergeShards implements Action {

    private static final Pattern SHARD_ID = Pattern.compile("[a-zA-Z0-9_.-]+");

    private final Streams streams;

    public MergeShards(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<String> first = input.string("ShardToMerge");
        Optional<String> second = input.string("AdjacentShardToMerge");
        violations
                .required("shardToMerge", first)
                .length("shardToMerge", first, 1, 128)
                .pattern("shardToMerge", first, SHARD_ID)
                .required("adjacentShardToMerge", second)
                .length("adjacentShardToMerge", second, 1, 128)
                .pattern("adjacentShardToMerge", second, SHARD_ID)
                .check();
        StreamView stream = streams.find(reference);
        StreamName name = stream.state().name();
        Shard one = shard(stream, first.orElseThrow());
        Shard other = shard(stream, second.orElseThrow());
        if (!one.range().isAdjacentTo(other.range())) {
            throw AwsException.invalidArgument(
                    ("Shards %s and %s in stream %s under account %s are not an adjacent pair of"
                                    + " shards eligible for merging")
                            .formatted(one.id(), other.id(), name, streams.account().id()));
        }
        streams.perform(new Command.MergeShards(name, one.id(), other.id()));
        return Answer.EMPTY;
    }

    private Shard shard(StreamView stream, String id) {
        StreamName name = stream.state().name();
        return stream.shard(streams.shardId(id, name)).orElseThrow(() -> streams.noShard(id, name));
    }
}
