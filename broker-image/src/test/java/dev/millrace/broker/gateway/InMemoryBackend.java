/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.consumer.SubscriptionNews;
import dev.millrace.broker.control.BrokerHealth;
import dev.millrace.broker.limits.ShareExchange;
import dev.millrace.broker.record.Appends;
import dev.millrace.broker.record.InMemoryRecordLog;
import dev.millrace.broker.record.RecordLog.Partition;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.record.ShardLooks;
import dev.millrace.broker.shardmap.ShardMapClient;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.ShardLoad;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.CommandResult;
import dev.millrace.shard.map.Decision;
import dev.millrace.shard.map.Effect;
import dev.millrace.shard.map.GatewayMessage;
import dev.millrace.shard.map.Input;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.ShardMapCoordinator;
import dev.millrace.shard.map.ShardMapRecord;
import dev.millrace.shard.map.StreamView;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The real state machine of the shard map over a log in memory: each command is done at once. */
final class InMemoryBackend implements ShardMapClient, ShardAppender {

    private static final byte[] KEY = "an iterator key".getBytes(StandardCharsets.US_ASCII);

    private final InstantSource clock;
    private final InMemoryRecordLog log = new InMemoryRecordLog();
    private final ShardMapCoordinator coordinator;
    private int commands;

    InMemoryBackend(InstantSource clock) {
        this.clock = clock;
        this.coordinator = new ShardMapCoordinator("000000000000", "term", ShardMap.empty());
        carryOut(
                coordinator.takeOver(Base64.getEncoder().encodeToString(KEY), clock.instant()),
                "none");
    }

    Gateway.Backend backend() {
        BrokerHealth health =
                () ->
                        new BrokerHealth.Report(
                                List.of(
                                        new BrokerHealth.Broker(
                                                0, "localhost", true, Optional.empty())),
                                0);
        return new Gateway.Backend(
                this,
                this,
                log,
                health,
                new InMemoryQueueKeepers(
                        this::current, new ShardLooks(this::current, log, clock), clock),
                SubscriptionNews.NONE,
                ShareExchange.NONE);
    }

    @Override
    public synchronized ShardMap current() {
        // Time passes whenever somebody looks: a reshard takes its next step.
        carryOut(coordinator.on(new Input.Tick(), clock.instant()), "none");
        return coordinator.map();
    }

    @Override
    public synchronized void report(StreamId stream, List<ShardLoad> loads) {
        GatewayMessage load = new GatewayMessage.Load(new GatewayId("test"), stream, loads);
        carryOut(coordinator.on(new Input.FromGateway(load), clock.instant()), "none");
    }

    @Override
    public Optional<GatewayId> membership() {
        return Optional.of(new GatewayId("test"));
    }

    @Override
    public byte[] iteratorKey() {
        return KEY.clone();
    }

    @Override
    public synchronized CompletableFuture<CommandResult> submit(Command command) {
        String id = "command-" + ++commands;
        GatewayMessage ask = new GatewayMessage.Ask(new GatewayId("test"), id, command);
        return CompletableFuture.completedFuture(
                carryOut(coordinator.on(new Input.FromGateway(ask), clock.instant()), id)
                        .orElseThrow());
    }

    @Override
    public synchronized Appends append(StreamName name, List<NewRecord> records) {
        StreamView stream = current().stream(name).orElseThrow();
        Appends appends = new Appends(records.size());
        for (int i = 0; i < records.size(); i++) {
            NewRecord record = records.get(i);
            Shard shard = stream.route(record.key()).orElseThrow();
            long offset =
                    log.append(
                            new Partition(
                                    stream.state().id(), stream.state().topic(), shard.partition()),
                            clock.instant().toEpochMilli(),
                            record.partitionKey(),
                            record.data(),
                            record.envelope());
            appends.complete(
                    i,
                    new AppendResult.Appended(shard.id(), new SequenceNumber(shard.id(), offset)));
        }
        return appends;
    }

    private Optional<CommandResult> carryOut(Decision first, String commandId) {
        Optional<CommandResult> result = Optional.empty();
        Deque<Decision> decisions = new ArrayDeque<>(List.of(first));
        while (!decisions.isEmpty()) {
            Decision decision = decisions.remove();
            coordinator.committed(decision);
            for (ShardMapRecord record : decision.records()) {
                if (record instanceof ShardMapRecord.Reply reply
                        && reply.commandId().equals(commandId)) {
                    result = Optional.of(reply.result());
                }
            }
            for (Effect effect : decision.effects()) {
                outcome(effect).ifPresent(i -> decisions.add(coordinator.on(i, clock.instant())));
            }
        }
        return result;
    }

    private Optional<Input> outcome(Effect effect) {
        return switch (effect) {
            case Effect.CreateTopic create ->
                    Optional.of(
                            new Input.TopicCreated(
                                    create.id(), create.topic(), "topic-" + create.id()));
            case Effect.DeleteTopic delete -> Optional.of(new Input.TopicDeleted(delete.id()));
            case Effect.ConfigureTopic _ -> Optional.empty();
            case Effect.EnsurePartitions ensure ->
                    Optional.of(new Input.PartitionsReady(ensure.id(), ensure.atLeast()));
            case Effect.ReadEndOffsets read -> {
                Map<Integer, Long> offsets = new HashMap<>();
                for (int partition : read.partitions()) {
                    offsets.put(
                            partition,
                            log.endOffset(new Partition(read.id(), read.topic(), partition)));
                }
                yield Optional.of(new Input.EndOffsetsRead(read.id(), read.round(), offsets));
            }
        };
    }
}
