/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.QueueDefinition;
import java.io.IOException;
import java.util.Optional;

/**
 * Changes the attributes of a queue; those that are not given stay as they are. Records in flight
 * keep the time that they were received with.
 */
public final class UpdateQueue implements Action {

    private final Queues queues;

    public UpdateQueue(Queues queues) {
        this.queues = queues;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        Optional<String> arn = Queues.arn(input, violations);
        Optional<Input> given = input.structure("QueueAttributes");
        violations.required("queueAttributes", given);
        QueueAttributes attributes =
                given.map(some -> QueueAttributes.of(some, violations))
                        .orElse(QueueAttributes.NONE);
        violations.check();
        QueueDefinition before = queues.find(arn);
        queues.streams()
                .perform(
                        new Command.UpdateQueue(
                                before.stream(),
                                before.id(),
                                attributes.visibilitySeconds(),
                                attributes.dead()));
        QueueDefinition queue = queues.find(before.id());
        return (out, protocol) -> queues.writeDescription(out, protocol, queue, "UPDATING");
    }
}
