/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.ConsumerName;
import dev.millrace.shard.map.StreamView;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a request names a consumer: by its ARN, or by its stream's ARN and its name. */
record ConsumerReference(StreamReference stream, Optional<String> name, Optional<String> arn) {

    private static final Pattern NAME = Pattern.compile(ConsumerName.PATTERN);

    static ConsumerReference of(Input input) {
        return new ConsumerReference(
                StreamReference.of(input),
                input.string("ConsumerName"),
                input.string("ConsumerARN"));
    }

    /** Adds what is wrong with its form. */
    ConsumerReference check(Violations violations) {
        stream.checkForm(violations);
        checkName(name, violations);
        violations
                .length("consumerARN", arn, 1, ConsumerArn.LENGTH_MAX)
                .pattern("consumerARN", arn, ConsumerArn.FORM);
        return this;
    }

    static void checkName(Optional<String> name, Violations violations) {
        violations
                .length("consumerName", name, 1, ConsumerName.LENGTH_MAX)
                .pattern("consumerName", name, NAME);
    }

    /**
     * The consumer, once the violations are checked.
     *
     * @throws AwsException if there is none, or if ARN and names do not mean the same one
     */
    Registered find(Streams streams) {
        Optional<Registered> byArn = arn.map(text -> Registered.get(text, streams));
        if (stream.isPresent() != name.isPresent() || byArn.isEmpty() && name.isEmpty()) {
            throw AwsException.invalidArgument(
                    "Either ConsumerARN, or StreamARN and ConsumerName must be specified.");
        }
        if (name.isEmpty()) {
            return byArn.orElseThrow();
        }
        Registered byName = byName(streams);
        if (byArn.isPresent() && !byArn.get().consumer().equals(byName.consumer())) {
            throw AwsException.invalidArgument(
                    "ConsumerARN %s is not that of consumer %s of stream %s."
                            .formatted(arn.orElse(""), name.get(), byName.streamName()));
        }
        return byName;
    }

    private Registered byName(Streams streams) {
        StreamView view = streams.find(stream);
        ConsumerName wanted = new ConsumerName(name.orElseThrow());
        return view.state()
                .consumer(wanted)
                .map(consumer -> new Registered(view, consumer))
                .orElseThrow(() ->
                        new AwsException(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "Consumer %s under stream %s under account %s not found."
                                        .formatted(
                                                wanted,
                                                view.state().name(),
                                                streams.account().id())));
    }
}
