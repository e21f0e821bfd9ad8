/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.resource;

import dev.millrace.broker.channel.ChannelArn;
import dev.millrace.broker.consumer.ConsumerArn;
import dev.millrace.broker.consumer.Registered;
import dev.millrace.broker.queue.QueueArn;
import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The resource that a request names by its ARN. Region and account of an ARN are not looked at, so
 * that one from elsewhere works here.
 */
record ResourceReference(Optional<String> arn, Optional<String> streamId) {

    private static final Pattern FORM =
            Pattern.compile("arn:aws.*:kinesis:.*:\\d{12}:.*(stream|channel|queue)/\\S+");
    private static final Pattern STREAM =
            Pattern.compile("arn:aws.*:kinesis:.*:\\d{12}:stream/[a-zA-Z0-9_.-]+");
    private static final int LENGTH_MAX = 2048;

    static ResourceReference of(Input input) {
        return new ResourceReference(input.string("ResourceARN"), input.string("StreamId"));
    }

    /** Adds what is wrong with it. */
    ResourceReference check(Violations violations) {
        violations
                .required("resourceARN", arn)
                .length("resourceARN", arn, 1, LENGTH_MAX)
                .pattern("resourceARN", arn, FORM);
        new StreamReference(Optional.empty(), Optional.empty(), streamId).checkForm(violations);
        return this;
    }

    /**
     * What it is, once the violations are checked.
     *
     * @throws AwsException if there is nothing of that ARN
     */
    Resource find(Streams streams) {
        String resource = arn.orElseThrow();
        if (STREAM.matcher(resource).matches()) {
            return new Resource.OfStream(
                    streams.find(new StreamReference(Optional.empty(), arn, streamId)).state());
        }
        return ConsumerArn.parse(resource)
                .flatMap(parsed -> Registered.find(parsed, streams))
                .<Resource>map(Resource.OfConsumer::new)
                .or(() ->
                        QueueArn.parse(resource)
                                .flatMap(streams.map()::queue)
                                .map(Resource.OfQueue::new))
                .or(() ->
                        ChannelArn.parse(resource)
                                .flatMap(streams.map()::channel)
                                .map(Resource.OfChannel::new))
                .orElseThrow(() ->
                        new AwsException(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "Resource %s under account %s not found."
                                        .formatted(resource, streams.account().id())));
    }
}
