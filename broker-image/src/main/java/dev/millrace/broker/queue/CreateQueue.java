/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.record.ShardReader;
import dev.millrace.broker.record.StartingPosition;
import dev.millrace.broker.stream.StreamReference;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.QueueName;
import dev.millrace.shard.Shard;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.QueueStart;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Makes a queue on a stream. Records can be received as soon as this answers. */
public final class CreateQueue implements Action {

    private static final int STREAMS_MAX = 10_000;
    private static final Pattern NAME = Pattern.compile(QueueName.PATTERN);

    private final Queues queues;
    private final ShardReader reader;
    private final InstantSource clock;
    private final RandomGenerator random;

    public CreateQueue(
            Queues queues, ShardReader reader, InstantSource clock, RandomGenerator random) {
        this.queues = queues;
        this.reader = reader;
        this.clock = clock;
        this.random = random;
    }

    /** Where a queue is to begin, as a request says it. */
    private record Start(QueueStart.Type type, Optional<Instant> time) {}

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        Input input = call.input();
        Violations violations = new Violations();
        Optional<String> name = input.string("QueueName");
        Optional<List<Input>> configurations = input.structures("StreamConfigurationList");
        Optional<Map<String, String>> tags = input.stringMap("Tags");
        violations
                .required("queueName", name)
                .length("queueName", name, 1, QueueName.LENGTH_MAX)
                .pattern("queueName", name, NAME)
                .required("streamConfigurationList", configurations);
        configurations.ifPresent(list -> checkForm(list, violations));
        violations.tags("tags", tags);
        QueueAttributes attributes =
                input.structure("QueueAttributes")
                        .map(some -> QueueAttributes.of(some, violations))
                        .orElse(QueueAttributes.NONE);
        violations.check();
        if (configurations.orElseThrow().size() > 1) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "StreamConfigurationList must contain exactly one entry: a queue delivers records from a single stream.");
        }
        Input configuration = configurations.get().getFirst();
        Start start = start(configuration);
        StreamView stream =
                queues.streams()
                        .find(
                                new StreamReference(
                                        Optional.empty(),
                                        configuration.string("StreamARN"),
                                        Optional.empty()));
        QueueId id = QueueId.random(random);
        queues.streams()
                .perform(
                        new Command.CreateQueue(
                                stream.state().name(),
                                stream.state().id(),
                                id,
                                new QueueName(name.orElseThrow()),
                                found(stream, start),
                                attributes
                                        .visibilitySeconds()
                                        .orElse(QueueDefinition.VISIBILITY_SECONDS_DEFAULT),
                                attributes
                                        .dead()
                                        .map(Command.DeadLetters::maxReceiveCount)
                                        .orElse(
                                                Optional.of(
                                                        QueueDefinition.MAX_RECEIVE_COUNT_DEFAULT)),
                                tags.orElseGet(Map::of)));
        QueueDefinition queue = queues.find(id);
        return (out, protocol) -> queues.writeDescription(out, protocol, queue, "CREATING");
    }

    private static void checkForm(List<Input> configurations, Violations violations) {
        violations.size("'[]'", "streamConfigurationList", configurations.size(), 1, STREAMS_MAX);
        for (int i = 0; i < configurations.size(); i++) {
            String path = "streamConfigurationList." + (i + 1) + ".member.";
            StreamArns.check(configurations.get(i), path, violations);
            Optional<Input> position = configurations.get(i).structure("StartingPosition");
            if (position.isPresent()) {
                Optional<String> type = position.get().string("Type");
                violations
                        .required(path + "startingPosition.type", type)
                        .oneOf(path + "startingPosition.type", type, QueueStart.Type.values());
            }
        }
    }

    private static Start start(Input configuration) {
        Optional<Input> position = configuration.structure("StartingPosition");
        QueueStart.Type type =
                position.flatMap(some -> some.string("Type"))
                        .map(QueueStart.Type::valueOf)
                        .orElse(QueueStart.Type.LATEST);
        Optional<Instant> time = position.flatMap(some -> some.timestamp("Timestamp"));
        if (time.isPresent() != (type == QueueStart.Type.AT_TIMESTAMP)) {
            throw new AwsException(
                    ErrorCode.VALIDATION,
                    "Timestamp must be specified when the type of StartingPosition is AT_TIMESTAMP, and only then.");
        }
        return new Start(type, time);
    }

    /** The place in each shard that there is; shards that come later are children of these. */
    private QueueStart found(StreamView stream, Start start) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Instant oldest = oldest(stream, now);
        long later =
                stream.shards().stream().mapToLong(shard -> shard.id().index() + 1).max().orElse(0);
        return switch (start.type()) {
            case TRIM_HORIZON -> new QueueStart(start.type(), oldest, Map.of(), 0);
            case LATEST -> new QueueStart(start.type(), now, offsets(stream, start), later);
            case AT_TIMESTAMP -> {
                Instant time = start.time().orElseThrow();
                yield new QueueStart(
                        start.type(),
                        time.isBefore(oldest) ? oldest : time,
                        offsets(stream, start),
                        later);
            }
        };
    }

    private static Instant oldest(StreamView stream, Instant now) {
        Instant horizon = now.minus(Duration.ofHours(stream.state().settings().retentionHours()));
        Instant created = stream.state().createdAt();
        return created.isAfter(horizon) ? created : horizon;
    }

    private Map<Long, Long> offsets(StreamView stream, Start start) {
        StartingPosition position =
                new StartingPosition(
                        StartingPosition.Type.valueOf(start.type().name()),
                        Optional.empty(),
                        start.time());
        Map<Long, Long> offsets = new HashMap<>();
        for (Shard shard : stream.shards()) {
            boolean matters = shard.isOpen() || start.type() != QueueStart.Type.LATEST;
            if (matters) {
                long offset = reader.offsetOf(stream, shard, position, "CreateQueue");
                if (!ShardReader.isAtEnd(shard, offset)) {
                    offsets.put(shard.id().index(), offset);
                }
            }
        }
        return offsets;
    }
}
