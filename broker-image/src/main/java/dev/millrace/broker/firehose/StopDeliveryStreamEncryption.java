/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import java.io.IOException;
import java.util.Optional;

/** Writes what is put as it is from now on; what is encrypted stays so until it is delivered. */
public final class StopDeliveryStreamEncryption implements Action {

    private final DeliveryStreams deliveryStreams;

    public StopDeliveryStreamEncryption(DeliveryStreams deliveryStreams) {
        this.deliveryStreams = deliveryStreams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        deliveryStreams.encrypt(
                deliveryStreams.findForEncryption(DeliveryStreams.name(DeliveryStreams.body(call))),
                Optional.empty());
        return Answer.EMPTY;
    }
}
