/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
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
        Violations violations = new Violations();
        StreamReference stream = StreamReference.of(call.input()).check(violations);
        violations.check();
        streams.perform(new Command.DeleteStream(streams.find(stream).state().name()));
        return Answer.EMPTY;
    }
}
