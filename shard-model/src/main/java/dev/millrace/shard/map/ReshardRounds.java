/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.GatewayId;
import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.RoundId;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.reshard.ReshardPlan;
import dev.millrace.shard.reshard.ReshardStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Takes each reshard from round to round. A round:
 *
 * <ol>
 *   <li>Preparing: the children's partitions are made, while puts go on.
 *   <li>Draining: the parents are announced as closing; each gateway lets its puts to them end and
 *       says so.
 *   <li>Reading: the partitions' ends are read. No acknowledged put can come behind them now: each
 *       gateway drained, or left, or lost its lease before it was expelled.
 *   <li>One decision closes the parents at those ends and opens the children.
 * </ol>
 *
 * What takes too long is taken back (closing shards are opened again) and tried anew, so that no
 * put waits for longer than {@link #ROUND_TIMEOUT} because of somebody else. A new writer takes
 * back all that it finds.
 */
final class ReshardRounds {

    /** The most splits and merges in a round: what pauses at once is bounded. */
    static final int STEPS_PER_ROUND_MAX = 32;

    /** How long closing shards wait for gateways, and for their ends to be read. */
    static final Duration ROUND_TIMEOUT = Duration.ofSeconds(1);

    /**
     * How long brokers may take to make partitions before they are asked again; no put waits for
     * it.
     */
    static final Duration PREPARE_TIMEOUT = Duration.ofSeconds(10);

    static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);

    private final String writer;
    private final Map<StreamId, Round> rounds = new HashMap<>();
    private final Map<StreamId, Integer> partitionCounts = new HashMap<>();
    private final Map<StreamId, Failures> failures = new HashMap<>();
    private long roundsBegun;

    /**
     * @param writer an id of this term of the writer: rounds of different terms never share an id
     */
    ReshardRounds(String writer) {
        this.writer = writer;
    }

    private sealed interface Round {
        Instant since();
    }

    private record Preparing(Instant since) implements Round {}

    private record Draining(RoundId id, List<Planned> steps, Set<GatewayId> drained, Instant since)
            implements Round {}

    private record Reading(RoundId id, List<Planned> steps, Instant since) implements Round {}

    /**
     * How often in a row a stream's rounds failed. Each failure doubles the time that the next
     * round has, so that a reshard gets through although puts take long on brokers that struggle.
     */
    private record Failures(int inARow, Instant notBefore) {
        static final Failures NONE = new Failures(0, Instant.MIN);
        private static final int DOUBLED_MAX = 4;

        Failures another(Instant now) {
            return new Failures(inARow + 1, now.plus(PAUSE_AFTER_FAILURE));
        }

        Duration timeout() {
            return ROUND_TIMEOUT.multipliedBy(1L << Math.min(inARow, DOUBLED_MAX));
        }
    }

    /** A step with the partitions that its children get. */
    private record Planned(ReshardStep step, List<Integer> childPartitions) {}

    /** Opens again what an earlier writer left closing. */
    Decision takeBackAll(ShardMap map) {
        Decision decision = Decision.NOTHING;
        for (StreamView stream : map.resharding()) {
            decision = decision.and(reopen(stream));
        }
        return decision;
    }

    /** Does what is due for every reshard on its way. */
    Decision advanceAll(ShardMap map, Members members, Instant now) {
        Decision decision = Decision.NOTHING;
        for (StreamView stream : map.resharding()) {
            decision = decision.and(advance(stream, map, members, now));
        }
        return decision;
    }

    void forget(StreamId id) {
        rounds.remove(id);
        partitionCounts.remove(id);
        failures.remove(id);
    }

    Decision drained(ShardMap map, GatewayMessage.Drained drained, Members members, Instant now) {
        for (Map.Entry<StreamId, Round> entry : rounds.entrySet()) {
            if (entry.getValue() instanceof Draining round && round.id().equals(drained.round())) {
                round.drained().add(drained.gateway());
                return map.stream(entry.getKey())
                        .map(stream -> advance(stream, map, members, now))
                        .orElse(Decision.NOTHING);
            }
        }
        return Decision.NOTHING;
    }

    Decision partitionsReady(
            ShardMap map, Input.PartitionsReady ready, Members members, Instant now) {
        partitionCounts.put(ready.id(), ready.count());
        rounds.computeIfPresent(
                ready.id(), (_, round) -> round instanceof Preparing ? null : round);
        return map.stream(ready.id())
                .map(stream -> advance(stream, map, members, now))
                .orElse(Decision.NOTHING);
    }

    Decision endOffsetsRead(ShardMap map, Input.EndOffsetsRead read, Instant now) {
        Optional<StreamView> stream = map.stream(read.id());
        if (stream.isEmpty()
                || stream.get().state().status() != StreamStatus.UPDATING
                || !(rounds.get(read.id()) instanceof Reading reading)
                || !reading.id().equals(read.round())) {
            return Decision.NOTHING;
        }
        rounds.remove(read.id());
        failures.remove(read.id());
        return closeAndOpen(stream.get(), reading, read.offsets(), now);
    }

    /** An effect of a round failed: taken back now, tried again a little later. */
    Decision failed(ShardMap map, StreamId id, Instant now) {
        Round round = rounds.remove(id);
        if (round == null) {
            return Decision.NOTHING;
        }
        failures.put(id, failuresOf(id).another(now));
        return map.stream(id).map(ReshardRounds::reopen).orElse(Decision.NOTHING);
    }

    private Decision advance(StreamView stream, ShardMap map, Members members, Instant now) {
        StreamId id = stream.state().id();
        if (stream.state().status() != StreamStatus.UPDATING) {
            return Decision.NOTHING;
        }
        return switch (rounds.get(id)) {
            case null -> begin(stream, map, members, now);
            case Preparing round ->
                    expired(round, PREPARE_TIMEOUT, now) ? failed(map, id, now) : Decision.NOTHING;
            case Draining round when round.drained().containsAll(map.gateways()) ->
                    read(stream, round, now);
            case Draining round ->
                    expired(round, failuresOf(id).timeout(), now)
                            ? failed(map, id, now)
                            : Decision.NOTHING;
            case Reading round ->
                    expired(round, failuresOf(id).timeout(), now)
                            ? failed(map, id, now)
                            : Decision.NOTHING;
        };
    }

    private static boolean expired(Round round, Duration timeout, Instant now) {
        return Duration.between(round.since(), now).compareTo(timeout) > 0;
    }

    private Decision begin(StreamView stream, ShardMap map, Members members, Instant now) {
        StreamState state = stream.state();
        StreamId id = state.id();
        if (now.isBefore(failuresOf(id).notBefore())) {
            return Decision.NOTHING;
        }
        Reshard reshard = state.reshard().orElseThrow();
        List<ReshardStep> steps =
                ReshardPlan.nextRound(stream.openShards(), reshard.goal(), STEPS_PER_ROUND_MAX);
        if (steps.isEmpty()) {
            return Decision.write(finish(stream, now));
        }
        int needed = steps.stream().mapToInt(step -> step.children().size()).sum();
        List<Integer> free = freePartitions(stream);
        if (free.size() < needed) {
            rounds.put(id, new Preparing(now));
            int atLeast = partitionCounts.getOrDefault(id, 0) + needed - free.size();
            return Decision.effect(new Effect.EnsurePartitions(id, state.topic(), atLeast));
        }
        if (!members.allFresh(map, now)) {
            return Decision.NOTHING;
        }
        return announce(stream, steps, free, now);
    }

    private List<Integer> freePartitions(StreamView stream) {
        Set<Integer> used = new HashSet<>(stream.usedPartitions());
        List<Integer> free = new ArrayList<>();
        for (int p = 0; p < partitionCounts.getOrDefault(stream.state().id(), 0); p++) {
            if (!used.contains(p)) {
                free.add(p);
            }
        }
        return free;
    }

    private Decision announce(
            StreamView stream, List<ReshardStep> steps, List<Integer> free, Instant now) {
        RoundId round = new RoundId(writer + "-" + ++roundsBegun);
        List<Planned> planned = new ArrayList<>();
        List<ShardMapRecord> records = new ArrayList<>();
        int next = 0;
        for (ReshardStep step : steps) {
            int children = step.children().size();
            planned.add(new Planned(step, List.copyOf(free.subList(next, next + children))));
            next += children;
            for (Shard parent : step.parents()) {
                records.add(
                        new ShardMapRecord.ShardPut(
                                stream.state().name(), parent.withPhase(new Shard.Closing(round))));
            }
        }
        rounds.put(stream.state().id(), new Draining(round, planned, new HashSet<>(), now));
        return new Decision(records, List.of());
    }

    private Decision read(StreamView stream, Draining draining, Instant now) {
        StreamState state = stream.state();
        rounds.put(state.id(), new Reading(draining.id(), draining.steps(), now));
        Set<Integer> partitions = new TreeSet<>();
        for (Planned planned : draining.steps()) {
            planned.step().parents().forEach(parent -> partitions.add(parent.partition()));
            partitions.addAll(planned.childPartitions());
        }
        return Decision.effect(
                new Effect.ReadEndOffsets(state.id(), draining.id(), state.topic(), partitions));
    }

    private Decision closeAndOpen(
            StreamView stream, Reading reading, Map<Integer, Long> ends, Instant now) {
        StreamState state = stream.state();
        List<ShardMapRecord> records = new ArrayList<>();
        long nextIndex = state.nextShardIndex();
        for (Planned planned : reading.steps()) {
            List<ShardId> parentIds = new ArrayList<>();
            for (Shard parent : planned.step().parents()) {
                parentIds.add(parent.id());
                Shard.Closed closed = new Shard.Closed(end(ends, parent.partition()), now);
                records.add(new ShardMapRecord.ShardPut(state.name(), parent.withPhase(closed)));
            }
            List<HashKeyRange> ranges = planned.step().children();
            for (int i = 0; i < ranges.size(); i++) {
                int partition = planned.childPartitions().get(i);
                Shard child =
                        new Shard(
                                new ShardId(nextIndex++),
                                parentIds,
                                ranges.get(i),
                                partition,
                                end(ends, partition),
                                now,
                                new Shard.Open());
                records.add(new ShardMapRecord.ShardPut(state.name(), child));
            }
        }
        StreamView after =
                ShardMap.empty().replay(withStateAndShards(stream, records)).stream(state.name())
                        .orElseThrow();
        Reshard running = state.reshard().orElseThrow();
        int left = ReshardPlan.stepsLeft(after.openShards(), running.goal());
        Reshard advanced = running.advanced(reading.steps().size(), left);
        StreamState next = state.withNextShardIndex(nextIndex);
        records.add(
                new ShardMapRecord.StreamPut(
                        left == 0
                                ? next.resharded(advanced.finished(now), after.openShards().size())
                                : next.resharding(advanced)));
        return new Decision(records, List.of());
    }

    private static List<ShardMapRecord> withStateAndShards(
            StreamView stream, List<ShardMapRecord> changes) {
        List<ShardMapRecord> records = new ArrayList<>();
        records.add(new ShardMapRecord.StreamPut(stream.state()));
        stream.shards()
                .forEach(shard ->
                        records.add(new ShardMapRecord.ShardPut(stream.state().name(), shard)));
        records.addAll(changes);
        return records;
    }

    private static long end(Map<Integer, Long> ends, int partition) {
        Long end = ends.get(partition);
        if (end == null) {
            throw new IllegalStateException("No end was read for partition " + partition);
        }
        return end;
    }

    private static ShardMapRecord finish(StreamView stream, Instant now) {
        StreamState state = stream.state();
        Reshard ended = state.reshard().orElseThrow().finished(now);
        return new ShardMapRecord.StreamPut(state.resharded(ended, stream.openShards().size()));
    }

    private static Decision reopen(StreamView stream) {
        List<ShardMapRecord> records =
                stream.openShards().stream()
                        .filter(shard -> shard.phase() instanceof Shard.Closing)
                        .<ShardMapRecord>map(shard ->
                                new ShardMapRecord.ShardPut(
                                        stream.state().name(), shard.withPhase(new Shard.Open())))
                        .toList();
        return new Decision(records, List.of());
    }

    private Failures failuresOf(StreamId id) {
        return failures.getOrDefault(id, Failures.NONE);
    }
}
