/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Removes tags by their keys; one that is not there is as good as removed. */
public final class UntagDeliveryStream implements Action {

    private final DeliveryStreams deliveryStreams;

    public UntagDeliveryStream(DeliveryStreams deliveryStreams) {
        this.deliveryStreams = deliveryStreams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        ObjectNode body = DeliveryStreams.body(call);
        DeliveryStreams.Found found = deliveryStreams.findActive(DeliveryStreams.name(body));
        List<String> keys = new ArrayList<>();
        for (JsonNode key : body.path("TagKeys")) {
            keys.add(key.asText());
        }
        Optional<List<String>> given =
                body.path("TagKeys").isArray() ? Optional.of(keys) : Optional.empty();
        new Violations().required("tagKeys", given).tagKeys("tagKeys", given).check();
        Map<String, String> tags = found.definition().tags();
        tags.keySet().removeAll(keys);
        deliveryStreams.change(found, found.definition().withTags(tags));
        return Answer.EMPTY;
    }
}
