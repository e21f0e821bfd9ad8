/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Adds tags, in the place of those of the same keys. */
public final class TagDeliveryStream implements Action {

    private final DeliveryStreams deliveryStreams;

    public TagDeliveryStream(DeliveryStreams deliveryStreams) {
        this.deliveryStreams = deliveryStreams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        ObjectNode body = DeliveryStreams.body(call);
        DeliveryStreams.Found found = deliveryStreams.findActive(DeliveryStreams.name(body));
        if (!body.path("Tags").isArray()) {
            new Violations().required("tags", Optional.empty()).check();
        }
        Map<String, String> tags = found.definition().tags();
        tags.putAll(Tags.of(body));
        Tags.checkCount(tags);
        deliveryStreams.change(found, found.definition().withTags(tags));
        return Answer.EMPTY;
    }
}
