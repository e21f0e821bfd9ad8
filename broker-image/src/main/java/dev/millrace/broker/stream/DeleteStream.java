/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import java.io.IOException;

/** Deletes a stream and all of its records. */
public final class DeleteStream implements Action {

    private final Streams streams;

    public DeleteStream(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference stream = StreamReference.of(input).check(violations);
        violations.check();
        streams.perform(
                new Command.DeleteStream(
                        streams.find(stream).state().name(),
                        input.bool("EnforceConsumerDeletion").orElse(false)));
        return Answer.EMPTY;
    }
}
