/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.NextName;
import dev.millrace.broker.wire.Page;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.QueueName;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.ShardMap;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;

/** The queues by name, page by page; all, or those on some streams. */
public final class ListQueues implements Action {

    private static final int RESULTS_MAX = 10_000;
    private static final int RESULTS_DEFAULT = 100;

    /** What its tokens are of. */
    private static final String LIST = "queues";

    private final Queues queues;
    private final InstantSource clock;

    public ListQueues(Queues queues, InstantSource clock) {
        this.queues = queues;
        this.clock = clock;
    }

    @Override
    public Answer handle(Call call) throws IOException {
        Input input = call.input();
        ShardMap map = queues.streams().map();
        Violations violations = new Violations();
        Optional<Long> limit = input.integer("MaxResults");
        Optional<String> token = input.string("NextToken");
        violations
                .inRange("maxResults", limit, 1, RESULTS_MAX)
                .length("nextToken", token, 1, 1024 * 1024);
        Predicate<StreamName> wanted = StreamArns.filter(input, map, violations);
        violations.check();
        Instant now = clock.instant();
        byte[] key = queues.streams().tokenKey();
        Optional<QueueName> after =
                token.map(text -> NextName.decode(LIST, text, now, key)).map(QueueName::new);
        int count = limit.map(Long::intValue).orElse(RESULTS_DEFAULT);
        Page<QueueDefinition> page =
                Page.of(
                        map.queues().stream()
                                .filter(queue -> wanted.test(queue.stream()))
                                .filter(queue ->
                                        after.isEmpty() || queue.name().compareTo(after.get()) > 0)
                                .sorted(Comparator.comparing(QueueDefinition::name)),
                        count);
        return (out, protocol) -> {
            out.writeArrayFieldStart("QueueSummaries");
            for (QueueDefinition queue : page.shown()) {
                out.writeStartObject();
                queues.writeCommon(out, protocol, queue, "ACTIVE");
                out.writeArrayFieldStart("Streams");
                out.writeStartObject();
                out.writeStringField("StreamARN", queues.streams().arnOf(queue.stream()));
                out.writeFieldName("StreamCreationTimestamp");
                protocol.writeTimestamp(out, StreamArns.createdAt(queue.stream(), map));
                out.writeEndObject();
                out.writeEndArray();
                out.writeEndObject();
            }
            out.writeEndArray();
            if (page.more()) {
                String last = page.shown().getLast().name().value();
                out.writeStringField("NextToken", NextName.encode(LIST, last, now, key));
            }
        };
    }
}
