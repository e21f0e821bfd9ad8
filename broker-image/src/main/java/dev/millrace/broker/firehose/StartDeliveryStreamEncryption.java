/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.shard.encryption.RecordCipher;
import java.io.IOException;
import java.util.Optional;

/** Encrypts what is put from now on, until a worker takes it out. */
public final class StartDeliveryStreamEncryption implements Action {

    private final DeliveryStreams deliveryStreams;
    private final DeliveryEncryption encryption;

    public StartDeliveryStreamEncryption(DeliveryStreams deliveryStreams, RecordCipher cipher) {
        this.deliveryStreams = deliveryStreams;
        this.encryption = new DeliveryEncryption(cipher);
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        ObjectNode body = DeliveryStreams.body(call);
        DeliveryStreams.Found found = deliveryStreams.findForEncryption(DeliveryStreams.name(body));
        String keyId = encryption.keyId(body);
        deliveryStreams.encrypt(found, Optional.of(keyId));
        return Answer.EMPTY;
    }
}
