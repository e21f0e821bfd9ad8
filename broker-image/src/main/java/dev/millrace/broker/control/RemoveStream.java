/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Deletes the stream of a resource that is gone; done already where it is. */
public final class RemoveStream implements Action {

    private final Streams streams;

    public RemoveStream(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Optional<String> name = input.string("StreamName");
        Optional<String> owner = input.string("OwnerUid");
        new Violations()
                .required("streamName", name)
                .length("streamName", name, 1, StreamName.LENGTH_MAX)
                .pattern("streamName", name, Pattern.compile(StreamName.PATTERN))
                .required("ownerUid", owner)
                .check();
        streams.perform(
                new Command.RemoveStream(new StreamName(name.orElseThrow()), owner.orElseThrow()));
        return (_, _) -> {};
    }
}
