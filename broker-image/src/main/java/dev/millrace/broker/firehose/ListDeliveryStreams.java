/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.DeliveryStreamName;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The names of the delivery streams in their order, page by page. */
public final class ListDeliveryStreams implements Action {

    private static final int LIMIT_DEFAULT = 10;
    private static final int LIMIT_MAX = 10_000;

    private enum Type {
        DirectPut,
        KinesisStreamAsSource,
        MSKAsSource,
        DatabaseAsSource
    }

    private final DeliveryStreams deliveryStreams;

    public ListDeliveryStreams(DeliveryStreams deliveryStreams) {
        this.deliveryStreams = deliveryStreams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        ObjectNode body = DeliveryStreams.body(call);
        Optional<Long> limit = DeliveryStreams.number(body, "Limit");
        Optional<String> after = DeliveryStreams.text(body, "ExclusiveStartDeliveryStreamName");
        Optional<String> type = DeliveryStreams.text(body, "DeliveryStreamType");
        new Violations()
                .inRange("limit", limit, 1, LIMIT_MAX)
                .oneOf("deliveryStreamType", type, Type.values())
                .length("exclusiveStartDeliveryStreamName", after, 1, DeliveryStreamName.LENGTH_MAX)
                .check();
        int count = limit.map(Long::intValue).orElse(LIMIT_DEFAULT);
        List<String> names =
                deliveryStreams.all().stream()
                        .filter(found ->
                                type.isEmpty() || found.definition().apiType().equals(type.get()))
                        .map(found -> found.name().value())
                        .filter(name -> after.isEmpty() || name.compareTo(after.get()) > 0)
                        .limit(count + 1L)
                        .toList();
        boolean more = names.size() > count;
        return (out, _) -> {
            out.writeArrayFieldStart("DeliveryStreamNames");
            for (String name : more ? names.subList(0, count) : names) {
                out.writeString(name);
            }
            out.writeEndArray();
            out.writeBooleanField("HasMoreDeliveryStreams", more);
        };
    }
}
