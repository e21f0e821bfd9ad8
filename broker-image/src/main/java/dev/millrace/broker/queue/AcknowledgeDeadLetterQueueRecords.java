/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.shard.queue.QueueAsk;
import java.io.IOException;

/** Dead letters are done with: the queue never delivers them again. */
public final class AcknowledgeDeadLetterQueueRecords implements Action {

    private final Settling settling;

    public AcknowledgeDeadLetterQueueRecords(Settling settling) {
        this.settling = settling;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        return settling.settle(call, QueueAsk.Change.ACKNOWLEDGE, true);
    }
}
