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
import dev.millrace.shard.HashKey;
import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Splits a shard in two at a hash key. */
public final class SplitShard implements Action {

    private static final Pattern SHARD_ID = Pattern.compile("[a-zA-Z0-9_.-]+");
    private static final Pattern HASH_KEY = Pattern.compile("0|([1-9]\\d{0,38})");

    private final Streams streams;

    public SplitShard(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<String> shardId = input.string("ShardToSplit");
        Optional<String> newKey = input.string("NewStartingHashKey");
        violations
                .required("shardToSplit", shardId)
                .length("shardToSplit", shardId, 1, 128)
                .pattern("shardToSplit", shardId, SHARD_ID)
                .required("newStartingHashKey", newKey)
                .pattern("newStartingHashKey", newKey, HASH_KEY)
                .check();
        StreamView stream = streams.find(reference);
        StreamName name = stream.state().name();
        Shard shard =
                stream.shard(streams.shardId(shardId.orElseThrow(), name))
                        .orElseThrow(() -> streams.noShard(shardId.orElseThrow(), name));
        streams.perform(
                new Command.SplitShard(name, shard.id(), key(newKey.orElseThrow(), shard, name)));
        return Answer.EMPTY;
    }

    private HashKey key(String text, Shard shard, StreamName stream) {
        Optional<HashKey> key;
        try {
            key = Optional.of(HashKey.parse(text));
        } catch (IllegalArgumentException _) {
            key = Optional.empty();
        }
        return key.filter(k -> k.compareTo(shard.range().start()) > 0)
                .filter(k -> k.compareTo(shard.range().end()) <= 0)
                .orElseThrow(() ->
                        AwsException.invalidArgument(
                                ("NewStartingHashKey %s used in SplitShard() on shard %s"
                                                + " in stream %s under account %s is not both greater"
                                                + " than one plus the shard's StartingHashKey %s and"
                                                + " less than the shard's EndingHashKey %s.")
                                        .formatted(
                                                text,
                                                shard.id(),
                                                stream,
                                                streams.account().id(),
                                                shard.range().start(),
                                                shard.range().end())));
    }
}
