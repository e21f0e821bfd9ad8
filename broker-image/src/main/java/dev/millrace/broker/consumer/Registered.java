/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamConsumer;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.Optional;

/** A registered consumer and its stream. */
public record Registered(StreamView stream, StreamConsumer consumer) {

    /** The consumer of an ARN, if it is registered. */
    public static Optional<Registered> find(ConsumerArn arn, Streams streams) {
        return streams.map().stream(arn.stream())
                .flatMap(stream ->
                        stream.state()
                                .consumer(arn.consumer())
                                .filter(consumer ->
                                        consumer.createdAt().getEpochSecond() == arn.createdAt())
                                .map(consumer -> new Registered(stream, consumer)));
    }

    /**
     * @throws AwsException if there is no such consumer
     */
    static Registered get(String arn, Streams streams) {
        return ConsumerArn.parse(arn)
                .flatMap(parsed -> find(parsed, streams))
                .orElseThrow(() ->
                        new AwsException(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "Consumer %s under account %s not found."
                                        .formatted(arn, streams.account().id())));
    }

    public StreamName streamName() {
        return stream.state().name();
    }

    String arn(Account account) {
        return account.arnOf(streamName(), consumer);
    }

    /**
     * @param status CREATING where it is registered, as clients wait for ACTIVE, which it is at
     *     once
     */
    void writeFields(JsonGenerator out, Protocol protocol, Account account, String status)
            throws IOException {
        out.writeStringField("ConsumerName", consumer.name().value());
        out.writeStringField("ConsumerARN", arn(account));
        out.writeStringField("ConsumerStatus", status);
        out.writeFieldName("ConsumerCreationTimestamp");
        protocol.writeTimestamp(out, consumer.createdAt());
    }
}
