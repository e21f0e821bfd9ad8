/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import java.io.IOException;

/** Receives the records of a queue that were received too often. */
public final class ReceiveDeadLetterQueueRecords implements Action {

    private final Receiving receiving;

    public ReceiveDeadLetterQueueRecords(Receiving receiving) {
        this.receiving = receiving;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        return receiving.receive(call, true);
    }
}
