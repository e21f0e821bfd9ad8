/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.shard.queue.QueueAsk;
import java.io.IOException;

/** Lets dead letters that were received be invisible for longer, or for no longer. */
public final class UpdateDeadLetterQueueRecordsVisibility implements Action {

    private final Settling settling;

    public UpdateDeadLetterQueueRecordsVisibility(Settling settling) {
        this.settling = settling;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        return settling.settle(call, QueueAsk.Change.VISIBILITY, true);
    }
}
