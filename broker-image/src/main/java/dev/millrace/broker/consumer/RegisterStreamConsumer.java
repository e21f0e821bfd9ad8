/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Registers a consumer with a stream, so that it may subscribe to the shards. */
public final class RegisterStreamConsumer implements Action {

    private final Streams streams;

    public RegisterStreamConsumer(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        StreamReference reference = StreamReference.of(input).checkArn(violations);
        Optional<String> name = input.string("ConsumerName");
        Optional<Map<String, String>> tags = input.stringMap("Tags");
        violations.required("consumerName", name);
        ConsumerReference.checkName(name, violations);
        violations.tags("tags", tags).check();
        StreamName stream = streams.find(reference).state().name();
        ConsumerName consumer = new ConsumerName(name.orElseThrow());
        streams.perform(new Command.RegisterConsumer(stream, consumer, tags.orElseGet(Map::of)));
        Registered registered = registered(stream, consumer);
        return (out, protocol) -> {
            out.writeObjectFieldStart("Consumer");
            registered.writeFields(out, protocol, streams.account(), "CREATING");
            out.writeEndObject();
        };
    }

    /** It is there, unless somebody else was quick to deregister it. */
    private Registered registered(StreamName stream, ConsumerName consumer) {
        StreamView view = streams.find(stream);
        return view.state()
                .consumer(consumer)
                .map(found -> new Registered(view, found))
                .orElseThrow(() ->
                        new AwsException(
                                ErrorCode.RESOURCE_IN_USE,
                                "Consumer %s of stream %s is deregistered."
                                        .formatted(consumer, stream)));
    }
}
