/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import java.io.IOException;

/** Receives records of a queue; until their time is over nobody else gets them. */
public final class ReceiveQueueRecords implements Action {

    private final Receiving receiving;

    public ReceiveQueueRecords(Receiving receiving) {
        this.receiving = receiving;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        return receiving.receive(call, false);
    }
}
