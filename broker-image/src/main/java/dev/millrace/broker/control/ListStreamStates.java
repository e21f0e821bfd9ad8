/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.volume.TopicStorage;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.DeletedStream;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** All streams as the operator sees them, page by page, and those that were deleted lately. */
public final class ListStreamStates implements Action {

    private static final int PAGE = 500;

    private final Streams streams;
    private final BrokerHealth brokers;

    public ListStreamStates(Streams streams, BrokerHealth brokers) {
        this.streams = streams;
        this.brokers = brokers;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        // The operator is trusted, so that its token is simply the last name shown.
        Optional<String> after = input.string("NextToken");
        new Violations()
                .length("nextToken", after, 1, StreamName.LENGTH_MAX)
                .pattern("nextToken", after, Pattern.compile(StreamName.PATTERN))
                .check();
        ShardMap map = streams.map();
        List<StreamView> found =
                after.map(StreamName::new).map(map::streamsAfter).orElseGet(map::streams).stream()
                        .limit(PAGE + 1L)
                        .toList();
        boolean more = found.size() > PAGE;
        List<StreamView> shown = more ? found.subList(0, PAGE) : found;
        return (out, protocol) -> {
            out.writeArrayFieldStart("Streams");
            for (StreamView stream : shown) {
                out.writeStartObject();
                StreamStateJson.writeFields(out, protocol, stream, streams.account());
                Optional<TopicStorage> storage = brokers.storageOf(stream.state().topic());
                if (storage.isPresent()) {
                    write(out, storage.get());
                }
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeArrayFieldStart("DeletedStreams");
            for (DeletedStream deleted : map.deletedStreams()) {
                out.writeStartObject();
                out.writeStringField("StreamName", deleted.name().value());
                out.writeStringField("StreamId", deleted.id().value());
                if (deleted.ownerUid().isPresent()) {
                    out.writeStringField("OwnerUid", deleted.ownerUid().get());
                }
                out.writeFieldName("DeletedAt");
                protocol.writeTimestamp(out, deleted.deletedAt());
                out.writeEndObject();
            }
            out.writeEndArray();
            if (more) {
                out.writeStringField("NextToken", shown.getLast().state().name().value());
            }
        };
    }

    private static void write(JsonGenerator out, TopicStorage storage) throws IOException {
        out.writeObjectFieldStart("Storage");
        out.writeNumberField("Bytes", storage.bytes());
        out.writeNumberField("Replicas", storage.replicas());
        if (storage.growthPerSecond().isPresent()) {
            out.writeNumberField(
                    "GrowthBytesPerSecond", Math.round(storage.growthPerSecond().getAsDouble()));
        }
        out.writeEndObject();
    }
}
