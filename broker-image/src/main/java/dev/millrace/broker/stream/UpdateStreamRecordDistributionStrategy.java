/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.RecordDistributionStrategy;
import dev.millrace.shard.map.SettingChange;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamState;
import java.io.IOException;
import java.util.Optional;

/** Changes what decides the shard of a record: its partition key, or nothing of it. */
public final class UpdateStreamRecordDistributionStrategy implements Action {

    private final Streams streams;

    public UpdateStreamRecordDistributionStrategy(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).checkArn(violations);
        Optional<String> strategy = input.string("RecordDistributionStrategy");
        violations
                .required("recordDistributionStrategy", strategy)
                .oneOf("recordDistributionStrategy", strategy, RecordDistributionStrategy.values())
                .check();
        StreamState stream = streams.find(reference).state();
        RecordDistributionStrategy wanted =
                RecordDistributionStrategy.valueOf(strategy.orElseThrow());
        if (stream.settings().mode() != StreamMode.ON_DEMAND
                && wanted == RecordDistributionStrategy.AUTO) {
            throw AwsException.invalidArgument(
                    "RecordDistributionStrategy AUTO is for streams in ON_DEMAND mode only; stream %s is in PROVISIONED mode."
                            .formatted(stream.name()));
        }
        streams.perform(
                new Command.ChangeSetting(
                        stream.name(), new SettingChange.RecordDistribution(wanted)));
        return Answer.EMPTY;
    }
}
