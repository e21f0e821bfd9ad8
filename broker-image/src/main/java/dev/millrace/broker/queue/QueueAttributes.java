/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.QueueDefinition;
import java.util.Optional;

/** The attributes of a queue as a request gives them; what it does not give is empty. */
record QueueAttributes(Optional<Integer> visibilitySeconds, Optional<Command.DeadLetters> dead) {

    static final QueueAttributes NONE = new QueueAttributes(Optional.empty(), Optional.empty());

    private enum TargetType {
        BUILT_IN,
        NONE
    }

    /**
     * The attributes; adds what is wrong with them.
     *
     * @throws AwsException if dead letters are wanted and it is not said when
     */
    static QueueAttributes of(Input input, Violations violations) {
        Optional<Long> visibility = input.integer("VisibilityTimeoutSeconds");
        violations.inRange(
                "queueAttributes.visibilityTimeoutSeconds",
                visibility,
                0,
                QueueDefinition.VISIBILITY_SECONDS_MAX);
        Optional<Input> dead = input.structure("DeadLetterConfiguration");
        String path = "queueAttributes.deadLetterConfiguration.";
        Optional<String> target = dead.flatMap(some -> some.string("TargetType"));
        Optional<Long> count = dead.flatMap(some -> some.integer("MaxReceiveCount"));
        if (dead.isPresent()) {
            violations.required(path + "targetType", target);
        }
        violations
                .oneOf(path + "targetType", target, TargetType.values())
                .inRange(path + "maxReceiveCount", count, 1, QueueDefinition.MAX_RECEIVE_COUNT_MAX)
                .check();
        return new QueueAttributes(
                visibility.map(Long::intValue),
                target.map(type -> deadLetters(TargetType.valueOf(type), count)));
    }

    private static Command.DeadLetters deadLetters(TargetType target, Optional<Long> count) {
        if (target == TargetType.NONE) {
            return new Command.DeadLetters(Optional.empty());
        }
        if (count.isEmpty()) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "MaxReceiveCount must be specified when TargetType is BUILT_IN.");
        }
        return new Command.DeadLetters(count.map(Long::intValue));
    }
}
