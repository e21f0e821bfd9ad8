/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.map.CommandDecider.Decided;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The mind of the shard map's one writer. It reacts to inputs with decisions; its driver commits a
 * decision's records in one transaction, calls {@link #committed}, then carries out the effects and
 * feeds their outcomes back. If a commit fails the writer's term is over and this object is
 * dropped: all that it holds beside the map (heartbeat times, rounds on their way) may be lost at
 * any time.
 *
 * <p>Not thread-safe: one thread drives it. Commit each decision before the next input.
 *
 * <p>A stream: CREATING (its topic is being made) -> ACTIVE &lt;-> UPDATING (a reshard is on its
 * way); any -> DELETING (its topic is being deleted) -> gone.
 */
public final class ShardMapCoordinator {

    private static final Duration DELETED_KEPT = Duration.ofHours(24);
    private static final Duration SWEEP_EVERY = Duration.ofMinutes(1);

    private final CommandDecider commands;
    private final Members members = new Members();
    private final ReshardRounds rounds;
    private final OnDemandStreams onDemand = new OnDemandStreams();
    private ShardMap map;
    private Instant lastSweep = Instant.MIN;

    /**
     * @param account the account that messages name
     * @param term an id of this term of the writer, never used before
     * @param map the map at the end of the log
     */
    public ShardMapCoordinator(String account, String term, ShardMap map) {
        this.commands = new CommandDecider(account);
        this.rounds = new ReshardRounds(term);
        this.map = map;
    }

    public ShardMap map() {
        return map;
    }

    /**
     * The first decision of a term: takes up what the last writer left.
     *
     * @param newIteratorKey the key for shard iterators if there is none yet, base64
     */
    public Decision takeOver(String newIteratorKey, Instant now) {
        members.takeOver(map, now);
        Decision decision = rounds.takeBackAll(map);
        if (map.iteratorKey().isEmpty()) {
            decision =
                    decision.and(Decision.write(new ShardMapRecord.IteratorKeyPut(newIteratorKey)));
        }
        List<Effect> pending =
                map.streams().stream().map(stream -> pendingEffect(stream.state())).toList();
        return decision.and(new Decision(List.of(), pending));
    }

    /** Applies what was committed. */
    public void committed(Decision decision) {
        if (!decision.records().isEmpty()) {
            map = map.replay(decision.records());
        }
    }

    public Decision on(Input input, Instant now) {
        return switch (input) {
            case Input.FromGateway(var message) -> onMessage(message, now);
            case Input.Tick _ -> tick(now);
            case Input.TopicCreated created -> topicCreated(created, now);
            case Input.TopicNameTaken(var id) -> topicNameTaken(id);
            case Input.TopicDeleted(var id) -> topicDeleted(id, now);
            case Input.PartitionsReady ready -> rounds.partitionsReady(map, ready, members, now);
            case Input.EndOffsetsRead read -> rounds.endOffsetsRead(map, read, now);
            case Input.EffectFailed failed -> effectFailed(failed.effect(), now);
        };
    }

    private Decision onMessage(GatewayMessage message, Instant now) {
        return switch (message) {
            case GatewayMessage.Heartbeat heartbeat -> members.heartbeat(map, heartbeat, now);
            case GatewayMessage.Leave(var gateway) -> members.leave(map, gateway);
            case GatewayMessage.Drained drained -> rounds.drained(map, drained, members, now);
            case GatewayMessage.Load load -> {
                onDemand.load(load);
                yield Decision.NOTHING;
            }
            case GatewayMessage.Ask(var gateway, var commandId, var command) -> {
                Decided decided = commands.decide(map, command, now);
                ShardMapRecord reply =
                        new ShardMapRecord.Reply(gateway, commandId, decided.result());
                yield decided.decision().and(Decision.write(reply));
            }
        };
    }

    private Decision tick(Instant now) {
        Decision decision =
                members.expelSilent(map, now)
                        .and(rounds.advanceAll(map, members, now))
                        .and(onDemand.tick(map, now));
        if (lastSweep.equals(Instant.MIN)
                || Duration.between(lastSweep, now).compareTo(SWEEP_EVERY) >= 0) {
            lastSweep = now;
            decision = decision.and(sweep(now));
        }
        return decision;
    }

    /** Forgets closed shards whose last record has expired, and old traces of deleted streams. */
    private Decision sweep(Instant now) {
        List<ShardMapRecord> records = new ArrayList<>();
        for (StreamView stream : map.streams()) {
            Duration retention = Duration.ofHours(stream.state().settings().retentionHours());
            for (Shard shard : stream.shards()) {
                if (shard.phase() instanceof Shard.Closed(_, var closedAt)
                        && closedAt.plus(retention).isBefore(now)) {
                    records.add(new ShardMapRecord.ShardGone(stream.state().name(), shard.id()));
                }
            }
        }
        for (DeletedStream deleted : map.deletedStreams()) {
            if (deleted.deletedAt().plus(DELETED_KEPT).isBefore(now)) {
                records.add(new ShardMapRecord.DeletedStreamGone(deleted.id()));
            }
        }
        return new Decision(records, List.of());
    }

    private Decision topicCreated(Input.TopicCreated created, Instant now) {
        Optional<StreamState> state = creating(created.id());
        if (state.isEmpty()) {
            return Decision.NOTHING;
        }
        StreamState active = state.get().activated(created.topic(), created.topicId());
        List<ShardMapRecord> records = new ArrayList<>();
        List<HashKeyRange> ranges = HashKeyRange.uniform(active.targetShardCount());
        for (int i = 0; i < ranges.size(); i++) {
            Shard shard =
                    new Shard(
                            new ShardId(i), List.of(), ranges.get(i), i, 0, now, new Shard.Open());
            records.add(new ShardMapRecord.ShardPut(active.name(), shard));
        }
        records.add(new ShardMapRecord.StreamPut(active));
        return new Decision(records, List.of());
    }

    private Decision topicNameTaken(StreamId id) {
        Optional<StreamState> state = creating(id);
        String alternative = TopicName.alternative(id);
        if (state.isEmpty() || state.get().topic().equals(alternative)) {
            return Decision.NOTHING;
        }
        StreamState renamed = state.get().withTopic(alternative);
        return Decision.write(new ShardMapRecord.StreamPut(renamed))
                .and(Decision.effect(CommandDecider.createTopic(renamed)));
    }

    private Decision topicDeleted(StreamId id, Instant now) {
        Optional<StreamView> stream = map.stream(id);
        if (stream.isEmpty() || stream.get().state().status() != StreamStatus.DELETING) {
            return Decision.NOTHING;
        }
        StreamState state = stream.get().state();
        rounds.forget(id);
        List<ShardMapRecord> records = new ArrayList<>();
        stream.get()
                .shards()
                .forEach(shard ->
                        records.add(new ShardMapRecord.ShardGone(state.name(), shard.id())));
        records.add(new ShardMapRecord.StreamGone(state.name()));
        records.add(
                new ShardMapRecord.DeletedStreamPut(
                        new DeletedStream(state.name(), id, state.ownerUid(), now)));
        return new Decision(records, List.of());
    }

    private Decision effectFailed(Effect effect, Instant now) {
        return switch (effect) {
            case Effect.EnsurePartitions ensure -> rounds.failed(map, ensure.id(), now);
            case Effect.ReadEndOffsets read -> rounds.failed(map, read.id(), now);
            case Effect.CreateTopic create -> pendingAgain(create.id());
            case Effect.DeleteTopic delete -> pendingAgain(delete.id());
            case Effect.ConfigureTopic configure -> pendingAgain(configure.id());
        };
    }

    private Decision pendingAgain(StreamId id) {
        return map.stream(id)
                .map(stream -> Decision.effect(pendingEffect(stream.state())))
                .orElse(Decision.NOTHING);
    }

    /** What the brokers have to do for a stream to be as its state says. */
    private static Effect pendingEffect(StreamState state) {
        return switch (state.status()) {
            case CREATING -> CommandDecider.createTopic(state);
            case DELETING -> CommandDecider.deleteTopic(state);
            case ACTIVE, UPDATING -> CommandDecider.configureTopic(state);
        };
    }

    private Optional<StreamState> creating(StreamId id) {
        return map.stream(id)
                .map(StreamView::state)
                .filter(state -> state.status() == StreamStatus.CREATING);
    }
}
