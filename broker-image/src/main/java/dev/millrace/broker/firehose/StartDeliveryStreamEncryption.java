/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import java.io.IOException;

/**
 * Refused, and said why: whoever asks for encryption must not be told that there is some where
 * there is none.
 */
public final class StartDeliveryStreamEncryption implements Action {

    private final DeliveryStreams deliveryStreams;

    public StartDeliveryStreamEncryption(DeliveryStreams deliveryStreams) {
        this.deliveryStreams = deliveryStreams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        deliveryStreams.findActive(DeliveryStreams.name(DeliveryStreams.body(call)));
        throw AwsException.invalidArgument(NO_ENCRYPTION);
    }

    static final String NO_ENCRYPTION =
            "Server-side encryption of delivery streams is not offered: records are as encrypted as"
                    + " the volumes of the brokers are.";
}
