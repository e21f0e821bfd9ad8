/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamState;
import java.io.IOException;
import java.util.Optional;

/**
 * Sets how much an on-demand stream can take at once. Amazon sells that to accounts with a billing
 * commitment; there is no billing here, so it answers as it does to an account without one.
 */
public final class UpdateStreamWarmThroughput implements Action {

    private final Streams streams;

    public UpdateStreamWarmThroughput(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<Long> warmThroughput = input.integer("WarmThroughputMiBps");
        violations
                .required("warmThroughputMiBps", warmThroughput)
                .inRange("warmThroughputMiBps", warmThroughput, 0, Integer.MAX_VALUE)
                .check();
        StreamState stream = streams.find(reference).state();
        if (stream.settings().mode() != StreamMode.ON_DEMAND) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "Stream %s under account %s is in PROVISIONED mode. This operation is for streams in ON_DEMAND mode only."
                            .formatted(stream.name(), streams.account().id()));
        }
        throw AccountSettings.noCommitment("WarmThroughputMiBps");
    }
}
