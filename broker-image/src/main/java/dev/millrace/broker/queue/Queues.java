/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.broker.wire.UnavailableException;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.QueueStart;
import dev.millrace.shard.queue.QueueAsk;
import dev.millrace.shard.queue.QueueReply;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;

/** The queues as actions see them: those of the shard map and their keepers, in AWS's words. */
public final class Queues {

    /** Long enough for another gateway to take over from a keeper that was killed. */
    private static final Duration KEEPER_WITHIN = Duration.ofSeconds(20);

    private static final Duration AGAIN_AFTER = Duration.ofSeconds(5);

    private final Streams streams;
    private final QueueKeepers keepers;
    private final QueueTraffic traffic;

    public Queues(Streams streams, QueueKeepers keepers, QueueTraffic traffic) {
        this.streams = streams;
        this.keepers = keepers;
        this.traffic = traffic;
    }

    Streams streams() {
        return streams;
    }

    String arnOf(QueueDefinition queue) {
        return streams.account().arnOf(queue.id());
    }

    /** The ARN of a queue that a request must have; adds what is wrong with it. */
    static Optional<String> arn(Input input, Violations violations) {
        Optional<String> arn = input.string("QueueARN");
        violations
                .required("queueARN", arn)
                .length("queueARN", arn, 1, QueueArn.LENGTH_MAX)
                .pattern("queueARN", arn, QueueArn.FORM);
        return arn;
    }

    /**
     * The queue of an ARN, once the violations are checked.
     *
     * @throws AwsException if there is none
     */
    QueueDefinition find(Optional<String> arn) {
        return QueueArn.parse(arn.orElseThrow())
                .flatMap(streams.map()::queue)
                .orElseThrow(() -> notFound(arn.get()));
    }

    /**
     * The queue as it is now.
     *
     * @throws AwsException if it was deleted meanwhile
     */
    QueueDefinition find(QueueId id) {
        return streams.map().queue(id).orElseThrow(() -> notFound(streams.account().arnOf(id)));
    }

    private AwsException notFound(String arn) {
        return new AwsException(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Queue %s under account %s not found.".formatted(arn, streams.account().id()));
    }

    QueueTraffic traffic() {
        return traffic;
    }

    String keepersGateway() {
        return keepers.gateway();
    }

    /**
     * Asks the keeper of a queue and waits for the reply. It is asked again now and then, as the
     * office may have gone to another gateway, which does not know who waits.
     *
     * @param ask makes the ask, given its id and how long is left to wait
     * @param wait how long the keeper itself may take
     */
    QueueReply ask(BiFunction<String, Duration, QueueAsk> ask, Duration wait)
            throws InterruptedException {
        String id = UUID.randomUUID().toString();
        long waitUntil = System.nanoTime() + wait.toNanos();
        long deadline = waitUntil + KEEPER_WITHIN.toNanos();
        try {
            while (true) {
                long now = System.nanoTime();
                QueueAsk asked = ask.apply(id, Duration.ofNanos(Math.max(0, waitUntil - now)));
                try {
                    return keepers.ask(asked)
                            .get(
                                    Math.min(AGAIN_AFTER.toNanos(), Math.max(0, deadline - now)),
                                    TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (System.nanoTime() >= deadline) {
                        throw new UnavailableException(
                                "No keeper answers for queue " + asked.queue(), e);
                    }
                } catch (ExecutionException e) {
                    throw new UnavailableException("Queue " + asked.queue() + " has no keeper", e);
                }
            }
        } finally {
            keepers.forget(id);
        }
    }

    /**
     * Writes a description as several operations answer it.
     *
     * @param status what the operation says: it is already done, and AWS's is on its way
     */
    void writeDescription(
            JsonGenerator out, Protocol protocol, QueueDefinition queue, String status)
            throws IOException {
        out.writeObjectFieldStart("QueueDescription");
        writeCommon(out, protocol, queue, status);
        out.writeArrayFieldStart("StreamConfigurationList");
        out.writeStartObject();
        out.writeStringField("StreamARN", streams.arnOf(queue.stream()));
        out.writeObjectFieldStart("StartingPosition");
        QueueStart start = queue.start();
        out.writeStringField("Type", start.type().name());
        boolean known = !status.equals("CREATING") || start.type() == QueueStart.Type.AT_TIMESTAMP;
        if (known) {
            out.writeFieldName("Timestamp");
            protocol.writeTimestamp(out, start.effectiveAt());
        }
        out.writeEndObject();
        out.writeEndObject();
        out.writeEndArray();
        out.writeObjectFieldStart("QueueAttributes");
        out.writeNumberField("VisibilityTimeoutSeconds", queue.visibilitySeconds());
        out.writeObjectFieldStart("DeadLetterConfiguration");
        out.writeStringField(
                "TargetType", queue.maxReceiveCount().isPresent() ? "BUILT_IN" : "NONE");
        if (queue.maxReceiveCount().isPresent()) {
            out.writeNumberField("MaxReceiveCount", queue.maxReceiveCount().get());
        }
        out.writeEndObject();
        out.writeEndObject();
        out.writeEndObject();
    }

    /** Writes what descriptions and summaries have in common. */
    void writeCommon(JsonGenerator out, Protocol protocol, QueueDefinition queue, String status)
            throws IOException {
        out.writeStringField("QueueName", queue.name().value());
        out.writeStringField("QueueARN", arnOf(queue));
        out.writeStringField("QueueStatus", status);
        out.writeFieldName("QueueCreationTimestamp");
        protocol.writeTimestamp(out, queue.createdAt());
    }
}
