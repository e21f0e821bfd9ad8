/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.QueueDefinition;
import java.io.IOException;
import java.util.Optional;

/** A queue, its stream and its attributes. */
public final class DescribeQueue implements Action {

    private final Queues queues;

    public DescribeQueue(Queues queues) {
        this.queues = queues;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Violations violations = new Violations();
        Optional<String> arn = Queues.arn(call.input(), violations);
        violations.check();
        QueueDefinition queue = queues.find(arn);
        return (out, protocol) -> queues.writeDescription(out, protocol, queue, "ACTIVE");
    }
}
