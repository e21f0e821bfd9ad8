/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes tags off a stream; those that it has not are ignored. */
public final class RemoveTagsFromStream implements Action {

    private final Streams streams;

    public RemoveTagsFromStream(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<List<String>> keys = input.strings("TagKeys");
        violations.required("tagKeys", keys).tagKeys("tagKeys", keys).check();
        StreamName stream = streams.find(reference).state().name();
        streams.perform(
                new Command.ChangeTags(stream, Map.of(), new HashSet<>(keys.orElseThrow())));
        return Answer.EMPTY;
    }
}
