/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.queue.QueueAsk;
import dev.millrace.shard.queue.QueueReply;
import dev.millrace.shard.queue.QueueReply.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells the keeper what became of up to ten records; each is taken or fails on its own. */
public final class Settling {

    private static final int ENTRIES_MAX = 10;

    private final Queues queues;

    public Settling(Queues queues) {
        this.queues = queues;
    }

    /** An entry of a request, and what became of it. */
    private record Result(String handle, Optional<Failure> failure) {}

    private record Failure(ErrorCode code, String message) {}

    /**
     * @param dead whether the records are to be dead letters
     */
    Answer settle(Call call, QueueAsk.Change change, boolean dead)
            throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        Optional<String> arn = Queues.arn(input, violations);
        Optional<List<Input>> entries = input.structures("Entries");
        violations.required("entries", entries);
        entries.ifPresent(list -> check(list, change, violations));
        violations.check();
        QueueDefinition queue = queues.find(arn);
        List<Result> results = settle(queue, change, dead, entries.orElseThrow());
        if (change == QueueAsk.Change.ACKNOWLEDGE && !dead) {
            count(queue, results);
        }
        return (out, _) -> {
            out.writeArrayFieldStart("Successful");
            for (Result result : results) {
                if (result.failure().isEmpty()) {
                    out.writeStartObject();
                    out.writeStringField("ReceiptHandle", result.handle());
                    out.writeEndObject();
                }
            }
            out.writeEndArray();
            out.writeArrayFieldStart("Failed");
            for (Result result : results) {
                if (result.failure().isPresent()) {
                    out.writeStartObject();
                    out.writeStringField("ReceiptHandle", result.handle());
                    out.writeStringField("ErrorCode", result.failure().get().code().awsName());
                    out.writeStringField("ErrorMessage", result.failure().get().message());
                    out.writeEndObject();
                }
            }
            out.writeEndArray();
        };
    }

    private void count(QueueDefinition queue, List<Result> results) {
        long failed = results.stream().filter(result -> result.failure().isPresent()).count();
        queues.traffic().add(queue.id(), QueueMetric.ACKNOWLEDGED_RECORDS, results.size() - failed);
        queues.traffic().add(queue.id(), QueueMetric.ACKNOWLEDGE_FAILED_RECORDS, failed);
    }

    private static void check(List<Input> entries, QueueAsk.Change change, Violations violations) {
        violations.size("'[]'", "entries", entries.size(), 1, ENTRIES_MAX);
        for (int i = 0; i < entries.size(); i++) {
            String path = "entries." + (i + 1) + ".member.";
            Optional<String> handle = entries.get(i).string("ReceiptHandle");
            violations
                    .required(path + "receiptHandle", handle)
                    .length(path + "receiptHandle", handle, 1, ReceiptHandle.LENGTH_MAX);
            if (change == QueueAsk.Change.VISIBILITY) {
                Optional<Long> visibility = entries.get(i).integer("VisibilityTimeoutSeconds");
                violations
                        .required(path + "visibilityTimeoutSeconds", visibility)
                        .inRange(
                                path + "visibilityTimeoutSeconds",
                                visibility,
                                0,
                                QueueDefinition.VISIBILITY_SECONDS_MAX);
            }
        }
    }

    private List<Result> settle(
            QueueDefinition queue, QueueAsk.Change change, boolean dead, List<Input> entries)
            throws InterruptedException {
        List<Result> results = new ArrayList<>();
        List<Integer> asked = new ArrayList<>();
        List<QueueAsk.Entry> asks = new ArrayList<>();
        for (Input entry : entries) {
            String text = entry.string("ReceiptHandle").orElseThrow();
            Optional<ReceiptHandle> handle =
                    ReceiptHandle.decode(text, queues.streams().tokenKey())
                            .filter(decoded -> decoded.queue().equals(queue.id()));
            if (handle.isPresent()) {
                asked.add(results.size());
                asks.add(
                        new QueueAsk.Entry(
                                handle.get().place(),
                                handle.get().handout(),
                                entry.integer("VisibilityTimeoutSeconds").orElse(0L).intValue()));
            }
            results.add(
                    new Result(
                            text,
                            handle.isPresent()
                                    ? Optional.empty()
                                    : Optional.of(
                                            new Failure(
                                                    ErrorCode.INVALID_ARGUMENT,
                                                    "The receipt handle is not one of this queue."))));
        }
        if (!asks.isEmpty()) {
            List<Outcome> outcomes = ask(queue, change, dead, asks);
            for (int i = 0; i < outcomes.size(); i++) {
                String text = results.get(asked.get(i)).handle();
                results.set(asked.get(i), new Result(text, failure(outcomes.get(i))));
            }
        }
        return results;
    }

    private List<Outcome> ask(
            QueueDefinition queue, QueueAsk.Change change, boolean dead, List<QueueAsk.Entry> asks)
            throws InterruptedException {
        QueueReply reply =
                queues.ask(
                        (id, _) ->
                                new QueueAsk.Settle(
                                        queues.keepersGateway(),
                                        id,
                                        queue.id(),
                                        dead,
                                        change,
                                        asks),
                        Duration.ZERO);
        if (reply instanceof QueueReply.Settled settled) {
            return settled.outcomes();
        }
        throw new IllegalStateException("Not a reply to what was to be settled: " + reply);
    }

    private static Optional<Failure> failure(Outcome outcome) {
        return switch (outcome) {
            case DONE -> Optional.empty();
            case RECEIVED_AGAIN ->
                    invalid(
                            "The receipt handle has expired: the record was received or restored again since.");
            case NOT_IN_FLIGHT ->
                    invalid("The record is not in flight: its visibility timeout has expired.");
            case IS_DEAD -> invalid("The record is a dead-letter record.");
            case IS_NOT_DEAD -> invalid("The record is not a dead-letter record.");
            case SETTLED ->
                    Optional.of(
                            new Failure(
                                    ErrorCode.RESOURCE_NOT_FOUND,
                                    "The record is acknowledged, or has reached the end of the stream's retention period."));
        };
    }

    private static Optional<Failure> invalid(String message) {
        return Optional.of(new Failure(ErrorCode.INVALID_ARGUMENT, message));
    }
}
