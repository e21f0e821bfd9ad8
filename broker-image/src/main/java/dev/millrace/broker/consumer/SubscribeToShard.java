/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.broker.consumer.Subscriptions.Subscription;
import dev.millrace.broker.record.DryRun;
import dev.millrace.broker.record.RecordJson;
import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.ShardReader;
import dev.millrace.broker.record.StartingPosition;
import dev.millrace.broker.stream.ShardJson;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.traffic.StreamTraffic;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.EventStream;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.broker.wire.RequestBudget;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Sends a registered consumer the records of a shard as they arrive, for five minutes; then the
 * client subscribes again with the last continuation sequence number. A closed shard ends with its
 * children.
 */
public final class SubscribeToShard implements Action {

    private static final Duration RUNS_FOR = Duration.ofMinutes(5);

    /** So that a client knows that it is still connected. */
    private static final Duration EVENT_EVERY = Duration.ofSeconds(5);

    /** How late a subscription notices that its shard, consumer or place is no more. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    private static final int EVENT_RECORDS_MAX = 10_000;
    private static final int EVENT_BYTES_MAX = 512 * 1024;

    /** What an event has beside its records. */
    private static final int EVENT_FIELDS_BYTES = 512;

    private static final Duration BUDGET_WITHIN = Duration.ofSeconds(30);
    private static final Duration BUDGET_LOOK_EVERY = Duration.ofMillis(50);
    private static final Pattern SHARD_ID = Pattern.compile("[a-zA-Z0-9_.-]+");

    private final Streams streams;
    private final ShardReader reader;
    private final Subscriptions subscriptions;
    private final RequestBudget budget;
    private final Traffic traffic;
    private final InstantSource clock;

    /**
     * @param budget the bytes of events that may be on their way to clients at once
     */
    public SubscribeToShard(
            Streams streams,
            ShardReader reader,
            Subscriptions subscriptions,
            RequestBudget budget,
            Traffic traffic,
            InstantSource clock) {
        this.streams = streams;
        this.reader = reader;
        this.subscriptions = subscriptions;
        this.budget = budget;
        this.traffic = traffic;
        this.clock = clock;
    }

    @Override
    public EventStream handle(Call call) throws IOException {
        Input input = call.input();
        Violations violations = new Violations();
        Optional<String> arn = input.string("ConsumerARN");
        Optional<String> shardId = input.string("ShardId");
        Optional<Input> position = input.structure("StartingPosition");
        violations
                .required("consumerARN", arn)
                .length("consumerARN", arn, 1, ConsumerArn.LENGTH_MAX)
                .pattern("consumerARN", arn, ConsumerArn.FORM)
                .required("shardId", shardId)
                .length("shardId", shardId, 1, 128)
                .pattern("shardId", shardId, SHARD_ID)
                .required("startingPosition", position);
        StartingPosition.Fields fields = StartingPosition.Fields.OF_SUBSCRIPTION;
        position.ifPresent(p -> StartingPosition.check(p, fields, violations));
        violations.check();
        Registered registered = Registered.get(arn.orElseThrow(), streams);
        StreamView stream = streams.findUsable(registered.streamName());
        Shard shard = reader.find(stream, shardId.orElseThrow());
        long offset =
                reader.offsetOf(
                        stream,
                        shard,
                        StartingPosition.of(position.orElseThrow(), fields),
                        "SubscribeToShard");
        DryRun.end(input);
        return new Run(
                begin(registered, shard.id()), call.protocol(), registered, shard.id(), offset);
    }

    private Subscription begin(Registered registered, ShardId shard) {
        try {
            return subscriptions.begin(registered.arn(streams.account()), shard);
        } catch (AwsException e) {
            if (e.code() != ErrorCode.SERVICE_UNAVAILABLE) {
                traffic.of(registered.stream().state()).subscriptionRefused();
            }
            throw e;
        }
    }

    /** One subscription from its first event to its last. */
    private final class Run implements EventStream {
        private final Subscription subscription;
        private final Protocol protocol;
        private final Registered registered;
        private final ShardId shardId;
        private final Instant endsAt = clock.instant().plus(RUNS_FOR);
        private final StreamTraffic counted;
        private long offset;
        private Instant lastEventAt = Instant.MIN;
        private Instant fullSince = Instant.MAX;

        Run(
                Subscription subscription,
                Protocol protocol,
                Registered registered,
                ShardId shardId,
                long offset) {
            this.subscription = subscription;
            this.protocol = protocol;
            this.registered = registered;
            this.shardId = shardId;
            this.offset = offset;
            this.counted = traffic.of(registered.stream().state());
            counted.subscribed();
        }

        @Override
        public void run(EventStream.Events events) throws IOException, InterruptedException {
            while (!subscription.isEnded() && clock.instant().isBefore(endsAt)) {
                StreamView stream = stream();
                Shard shard = shard(stream);
                if (ShardReader.isAtEnd(shard, offset)) {
                    events.send("SubscribeToShardEvent", EVENT_FIELDS_BYTES, end(stream, shard));
                    return;
                }
                // The first event comes at once: it tells where the subscription stands.
                Duration wait = lastEventAt.equals(Instant.MIN) ? Duration.ZERO : LOOK_EVERY;
                Batch batch =
                        reader.read(
                                        stream.state(),
                                        shard,
                                        offset,
                                        EVENT_RECORDS_MAX,
                                        EVENT_BYTES_MAX,
                                        wait)
                                .cutOut();
                boolean due = !lastEventAt.plus(EVENT_EVERY).isAfter(clock.instant());
                if (!batch.entries().isEmpty() || due) {
                    if (!budget.tryAcquire(batch.heldBytes())) {
                        // What was read is dropped: waiting with it in hand would fill the memory.
                        awaitBudget();
                        continue;
                    }
                    send(events, batch);
                    fullSince = Instant.MAX;
                }
                offset = batch.nextOffset();
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }

        @Override
        public void close() {
            subscription.close();
        }

        /** Sends an event whose bytes are in the budget, and takes them out of it. */
        private void send(EventStream.Events events, Batch batch) throws IOException {
            try {
                int size = RecordJson.sizeOf(batch, protocol) + EVENT_FIELDS_BYTES;
                events.send("SubscribeToShardEvent", size, event(batch));
            } finally {
                budget.release(batch.heldBytes());
            }
            lastEventAt = clock.instant();
            counted.event(
                    registered.consumer().name(),
                    shardId,
                    batch.bytes(),
                    batch.entries().size(),
                    reader.millisBehindLatest(batch));
        }

        /** Many slow clients at once must not fill the memory; they wait for one another. */
        private void awaitBudget() throws InterruptedException {
            Instant now = clock.instant();
            if (fullSince.equals(Instant.MAX)) {
                fullSince = now;
            }
            if (fullSince.plus(BUDGET_WITHIN).isBefore(now)) {
                throw new AwsException(
                        ErrorCode.INTERNAL_FAILURE,
                        "The gateway holds as many events as it can; subscribe again.");
            }
            Thread.sleep(BUDGET_LOOK_EVERY);
        }

        private Answer event(Batch batch) {
            return (out, _) -> {
                out.writeArrayFieldStart("Records");
                new RecordJson.Writer(out, protocol, shardId).write(batch.entries());
                out.writeEndArray();
                out.writeStringField(
                        "ContinuationSequenceNumber",
                        new SequenceNumber(shardId, batch.nextOffset() - 1).toString());
                out.writeNumberField("MillisBehindLatest", reader.millisBehindLatest(batch));
            };
        }

        /** A closed shard has no continuation, which tells clients that it is read. */
        private Answer end(StreamView stream, Shard shard) {
            return (out, _) -> {
                out.writeArrayFieldStart("Records");
                out.writeEndArray();
                out.writeNumberField("MillisBehindLatest", 0);
                out.writeArrayFieldStart("ChildShards");
                for (Shard child : stream.childrenOf(shard.id())) {
                    ShardJson.writeChild(out, child);
                }
                out.writeEndArray();
            };
        }

        /** The stream as it is now, if it and the consumer are still there. */
        private StreamView stream() {
            StreamView stream = streams.findUsable(registered.streamName());
            boolean same =
                    stream.state().id().equals(registered.stream().state().id())
                            && stream.state()
                                    .consumer(registered.consumer().name())
                                    .filter(consumer ->
                                            consumer.createdAt()
                                                    .equals(registered.consumer().createdAt()))
                                    .isPresent();
            if (!same) {
                throw new AwsException(
                        ErrorCode.RESOURCE_NOT_FOUND,
                        "Consumer %s under account %s not found."
                                .formatted(
                                        registered.arn(streams.account()), streams.account().id()));
            }
            return stream;
        }

        private Shard shard(StreamView stream) {
            return stream.shard(shardId)
                    .orElseThrow(() -> streams.noShard(shardId.toString(), stream.state().name()));
        }
    }
}
