/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tags of a stream by key, page by page. */
public final class ListTagsForStream implements Action {

    private static final int TAGS_SHOWN_MAX = 50;

    private final Streams streams;

    public ListTagsForStream(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<Long> limit = input.integer("Limit");
        Optional<String> after = input.string("ExclusiveStartTagKey");
        violations
                .inRange("limit", limit, 1, TAGS_SHOWN_MAX)
                .length("exclusiveStartTagKey", after, 1, 128)
                .check();
        List<Map.Entry<String, String>> tags =
                streams.find(reference).state().settings().tags().entrySet().stream()
                        .filter(tag -> after.isEmpty() || tag.getKey().compareTo(after.get()) > 0)
                        .toList();
        int shown = Math.min(tags.size(), limit.map(Long::intValue).orElse(TAGS_SHOWN_MAX));
        return (out, _) -> {
            out.writeArrayFieldStart("Tags");
            for (Map.Entry<String, String> tag : tags.subList(0, shown)) {
                out.writeStartObject();
                out.writeStringField("Key", tag.getKey());
                out.writeStringField("Value", tag.getValue());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeBooleanField("HasMoreTags", shown < tags.size());
        };
    }
}
