/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.resource;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.Map;

/** All tags of a resource, by key. */
public final class ListTagsForResource implements Action {

    private final Streams streams;

    public ListTagsForResource(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Violations violations = new Violations();
        ResourceReference resource = ResourceReference.of(call.input()).check(violations);
        violations.check();
        Map<String, String> tags = resource.find(streams).tags();
        return (out, _) -> {
            out.writeArrayFieldStart("Tags");
            for (Map.Entry<String, String> tag : tags.entrySet()) {
                out.writeStartObject();
                out.writeStringField("Key", tag.getKey());
                out.writeStringField("Value", tag.getValue());
                out.writeEndObject();
            }
            out.writeEndArray();
        };
    }
}
