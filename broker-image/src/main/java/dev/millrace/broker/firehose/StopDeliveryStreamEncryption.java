/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import java.io.IOException;

/** Done already: no delivery stream is encrypted by the service. */
public final class StopDeliveryStreamEncryption implements Action {

    private final DeliveryStreams deliveryStreams;

    public StopDeliveryStreamEncryption(DeliveryStreams deliveryStreams) {
        this.deliveryStreams = deliveryStreams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        deliveryStreams.findActive(DeliveryStreams.name(DeliveryStreams.body(call)));
        return Answer.EMPTY;
    }
}
