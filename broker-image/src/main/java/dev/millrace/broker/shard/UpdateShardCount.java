/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shard;

import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.Optional;

/** Reshards a stream to a number of shards of the same size. */
public final class UpdateShardCount implements Action {

    private enum ScalingType {
        UNIFORM_SCALING
    }

    private static final int SHARD_COUNT_MAX = 1_000_000;

    private final Streams streams;

    public UpdateShardCount(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<Long> target = input.integer("TargetShardCount");
        Optional<String> scaling = input.string("ScalingType");
        violations
                .required("targetShardCount", target)
                .inRange("targetShardCount", target, 1, SHARD_COUNT_MAX)
                .required("scalingType", scaling)
                .oneOf("scalingType", scaling, ScalingType.values())
                .check();
        StreamView stream = streams.find(reference);
        StreamName name = stream.state().name();
        int current = stream.openShards().size();
        streams.perform(new Command.UpdateShardCount(name, target.orElseThrow().intValue()));
        return (out, _) -> {
            out.writeStringField("StreamName", name.value());
            out.writeNumberField("CurrentShardCount", current);
            out.writeNumberField("TargetShardCount", target.orElseThrow());
            out.writeStringField("StreamARN", streams.arnOf(name));
        };
    }
}
