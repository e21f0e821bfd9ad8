/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.StreamStatus;
import java.io.IOException;

/** Deletes a delivery stream and what it has not delivered. */
public final class DeleteDeliveryStream implements Action {

    private final DeliveryStreams deliveryStreams;

    public DeleteDeliveryStream(DeliveryStreams deliveryStreams) {
        this.deliveryStreams = deliveryStreams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        DeliveryStreams.Found found =
                deliveryStreams.find(DeliveryStreams.name(DeliveryStreams.body(call)));
        if (found.status() == StreamStatus.CREATING) {
            throw new AwsException(
                    ErrorCode.RESOURCE_IN_USE,
                    "Firehose %s is being created; delete it when it is ACTIVE."
                            .formatted(found.name()));
        }
        deliveryStreams.streams().perform(new Command.DeleteStream(found.name().buffer(), true));
        return Answer.EMPTY;
    }
}
