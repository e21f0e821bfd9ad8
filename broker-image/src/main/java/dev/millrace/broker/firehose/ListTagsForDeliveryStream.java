/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tags of a delivery stream in the order of their keys, page by page. */
public final class ListTagsForDeliveryStream implements Action {

    private static final int LIMIT_MAX = 50;

    private final DeliveryStreams deliveryStreams;

    public ListTagsForDeliveryStream(DeliveryStreams deliveryStreams) {
        this.deliveryStreams = deliveryStreams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        ObjectNode body = DeliveryStreams.body(call);
        Optional<Long> limit = DeliveryStreams.number(body, "Limit");
        Optional<String> after = DeliveryStreams.text(body, "ExclusiveStartTagKey");
        new Violations()
                .inRange("limit", limit, 1, LIMIT_MAX)
                .length("exclusiveStartTagKey", after, 1, 128)
                .check();
        DeliveryStreams.Found found = deliveryStreams.find(DeliveryStreams.name(body));
        int count = limit.map(Long::intValue).orElse(LIMIT_MAX);
        List<Map.Entry<String, String>> tags =
                found.definition().tags().entrySet().stream()
                        .filter(tag -> after.isEmpty() || tag.getKey().compareTo(after.get()) > 0)
                        .limit(count + 1L)
                        .toList();
        boolean more = tags.size() > count;
        return (out, _) -> {
            out.writeArrayFieldStart("Tags");
            for (Map.Entry<String, String> tag : more ? tags.subList(0, count) : tags) {
                out.writeStartObject();
                out.writeStringField("Key", tag.getKey());
                out.writeStringField("Value", tag.getValue());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeBooleanField("HasMoreTags", more);
        };
    }
}
