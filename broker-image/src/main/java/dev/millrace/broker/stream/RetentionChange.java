/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.Command.ChangeRetention.Direction;
import dev.millrace.shard.map.StreamSettings;
import java.io.IOException;
import java.util.Optional;

/** What raising and lowering a retention period have in common. */
final class RetentionChange {

    private final Streams streams;
    private final Direction direction;

    RetentionChange(Streams streams, Direction direction) {
        this.streams = streams;
        this.direction = direction;
    }

    Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<Long> given = input.integer("RetentionPeriodHours");
        violations.required("retentionPeriodHours", given).check();
        StreamName stream = streams.find(reference).state().name();
        long hours = given.orElseThrow();
        if (hours < StreamSettings.RETENTION_HOURS_MIN) {
            throw AwsException.invalidArgument(
                    ("Minimum allowed retention period is %d hours. Requested retention period (%d"
                                    + " hours) is too short.")
                            .formatted(StreamSettings.RETENTION_HOURS_MIN, hours));
        }
        if (hours > StreamSettings.RETENTION_HOURS_MAX) {
            throw AwsException.invalidArgument(
                    ("Maximum allowed retention period is %d hours. Requested retention period (%d"
                                    + " hours) is too long.")
                            .formatted(StreamSettings.RETENTION_HOURS_MAX, hours));
        }
        streams.perform(new Command.ChangeRetention(stream, direction, (int) hours));
        return Answer.EMPTY;
    }
}
