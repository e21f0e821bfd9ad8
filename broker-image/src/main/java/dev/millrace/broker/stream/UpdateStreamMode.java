/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.SettingChange;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamState;
import java.io.IOException;
import java.util.Optional;

/** Changes who decides the number of shards: the user, or the stream's load. */
public final class UpdateStreamMode implements Action {

    private final Streams streams;

    public UpdateStreamMode(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).checkArn(violations);
        Optional<Input> details = input.structure("StreamModeDetails");
        Optional<String> mode = details.flatMap(given -> given.string("StreamMode"));
        Optional<Long> warmThroughput = input.integer("WarmThroughputMiBps");
        violations.required("streamModeDetails", details);
        if (details.isPresent()) {
            violations.required("streamModeDetails.streamMode", mode);
        }
        violations
                .oneOf("streamModeDetails.streamMode", mode, StreamMode.values())
                .inRange("warmThroughputMiBps", warmThroughput, 0, Integer.MAX_VALUE)
                .check();
        StreamState stream = streams.find(reference).state();
        if (warmThroughput.isPresent()) {
            throw AccountSettings.noCommitment("WarmThroughputMiBps");
        }
        streams.perform(
                new Command.ChangeSetting(
                        stream.name(),
                        new SettingChange.Mode(StreamMode.valueOf(mode.orElseThrow()))));
        return Answer.EMPTY;
    }
}
