/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.SignedToken;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.QueueName;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.ShardMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The queues by name, page by page; all, or those on some streams. */
public final class ListQueues implements Action {

    private static final int RESULTS_MAX = 10_000;
    private static final int RESULTS_DEFAULT = 100;
    private static final String TOKEN = "queue/";

    private final Queues queues;

    public ListQueues(Queues queues) {
        this.queues = queues;
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
        Optional<QueueName> after = token.map(this::decode);
        int count = limit.map(Long::intValue).orElse(RESULTS_DEFAULT);
        List<QueueDefinition> found =
                map.queues().stream()
                        .filter(queue -> wanted.test(queue.stream()))
                        .filter(queue -> after.isEmpty() || queue.name().compareTo(after.get()) > 0)
                        .sorted(Comparator.comparing(QueueDefinition::name))
                        .limit(count + 1L)
                        .toList();
        boolean more = found.size() > count;
        List<QueueDefinition> shown = more ? found.subList(0, count) : found;
        return (out, protocol) -> {
            out.writeArrayFieldStart("QueueSummaries");
            for (QueueDefinition queue : shown) {
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
            if (more) {
                out.writeStringField("NextToken", encode(shown.getLast().name()));
            }
        };
    }

    private String encode(QueueName last) {
        return SignedToken.encode(
                (TOKEN + last).getBytes(StandardCharsets.US_ASCII), queues.streams().tokenKey());
    }

    private QueueName decode(String token) {
        return SignedToken.decode(token, queues.streams().tokenKey())
                .map(payload -> new String(payload, StandardCharsets.US_ASCII))
                .filter(payload -> payload.startsWith(TOKEN))
                .map(payload -> new QueueName(payload.substring(TOKEN.length())))
                .orElseThrow(() -> AwsException.invalidArgument("Invalid NextToken."));
    }
}
