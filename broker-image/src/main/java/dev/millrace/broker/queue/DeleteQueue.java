/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.QueueDefinition;
import java.io.IOException;
import java.util.Optional;

/** Deletes a queue; the records stay in their stream. */
public final class DeleteQueue implements Action {

    private final Queues queues;

    public DeleteQueue(Queues queues) {
        this.queues = queues;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Violations violations = new Violations();
        Optional<String> arn = Queues.arn(call.input(), violations);
        violations.check();
        QueueDefinition queue = queues.find(arn);
        queues.streams().perform(new Command.DeleteQueue(queue.stream(), queue.id()));
        return Answer.EMPTY;
    }
}
