/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.Command;
import java.io.IOException;

/** Takes a consumer off its stream; what it is subscribed to ends. */
public final class DeregisterStreamConsumer implements Action {

    private final Streams streams;

    public DeregisterStreamConsumer(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Violations violations = new Violations();
        ConsumerReference reference = ConsumerReference.of(call.input()).check(violations);
        violations.check();
        Registered registered = reference.find(streams);
        streams.perform(
                new Command.DeregisterConsumer(
                        registered.streamName(), registered.consumer().name()));
        return Answer.EMPTY;
    }
}
