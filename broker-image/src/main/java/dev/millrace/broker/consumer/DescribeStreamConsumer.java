/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;

/** A registered consumer. */
public final class DescribeStreamConsumer implements Action {

    private final Streams streams;

    public DescribeStreamConsumer(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Violations violations = new Violations();
        ConsumerReference reference = ConsumerReference.of(call.input()).check(violations);
        violations.check();
        Registered registered = reference.find(streams);
        return (out, protocol) -> {
            out.writeObjectFieldStart("ConsumerDescription");
            registered.writeFields(out, protocol, streams.account(), "ACTIVE");
            out.writeStringField("StreamARN", streams.arnOf(registered.streamName()));
            out.writeEndObject();
        };
    }
}
