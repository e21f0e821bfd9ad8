/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.StreamSettings;
import dev.millrace.shard.map.StreamState;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Adds tags to a stream, or gives them other values. */
public final class AddTagsToStream implements Action {

    private final Streams streams;

    public AddTagsToStream(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).check(violations);
        Optional<Map<String, String>> tags = input.stringMap("Tags");
        violations.required("tags", tags).tags("tags", tags).check();
        StreamState stream = streams.find(reference).state();
        Set<String> keys = new HashSet<>(stream.settings().tags().keySet());
        keys.addAll(tags.orElseThrow().keySet());
        if (keys.size() > StreamSettings.TAGS_MAX) {
            throw AwsException.invalidArgument(
                    ("Failed to add tags to stream %s under account %s because a given stream"
                                    + " cannot have more than %d tags associated with it.")
                            .formatted(
                                    stream.name(),
                                    streams.account().id(),
                                    StreamSettings.TAGS_MAX));
        }
        streams.perform(new Command.ChangeTags(stream.name(), tags.orElseThrow(), Set.of()));
        return Answer.EMPTY;
    }
}
