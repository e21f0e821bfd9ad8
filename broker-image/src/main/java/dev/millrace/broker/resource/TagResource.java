/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.resource;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Adds tags to a resource, or gives them other values. */
public final class TagResource implements Action {

    private final Streams streams;

    public TagResource(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        Optional<Map<String, String>> tags = input.stringMap("Tags");
        violations.required("tags", tags).tags("tags", tags);
        ResourceReference resource = ResourceReference.of(input).check(violations);
        violations.check();
        streams.perform(resource.find(streams).changeTags(tags.orElseThrow(), Set.of()));
        return Answer.EMPTY;
    }
}
