/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.resource;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes tags off a resource; those that it has not are passed over. */
public final class UntagResource implements Action {

    private final Streams streams;

    public UntagResource(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        Optional<List<String>> keys = input.strings("TagKeys");
        violations.required("tagKeys", keys).tagKeys("tagKeys", keys);
        ResourceReference resource = ResourceReference.of(input).check(violations);
        violations.check();
        streams.perform(
                resource.find(streams).changeTags(Map.of(), Set.copyOf(keys.orElseThrow())));
        return Answer.EMPTY;
    }
}
