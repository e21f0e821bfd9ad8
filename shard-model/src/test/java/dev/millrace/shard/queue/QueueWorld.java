/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.queue;

import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.QueueName;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.QueueStart;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.ShardMapRecord;
import dev.millrace.shard.map.StreamSettings;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A stream, a queue on it and its keeper, which can be killed; time passes when it is told to. */
final class QueueWorld {

    static final StreamName ORDERS = new StreamName("orders");
    static final StreamId STREAM = StreamId.random(new Random(1));
    static final QueueId QUEUE = QueueId.random(new Random(2));
    static final int BYTES = 10;

    private final int unsettledMax;
    private final Map<ShardId, List<Found.Item>> shards = new HashMap<>();
    private final List<QueueRecord> log = new ArrayList<>();
    private final Map<String, QueueReply> replies = new HashMap<>();
    private QueueKeeper keeper;
    private ShardMap map;
    private Instant now = Instant.parse("2026-11-01T00:00:00Z");
    private int asks;
    private Optional<QueueAsk.Receive> lastReceive = Optional.empty();

    QueueWorld(int shardCount, Optional<Integer> maxReceiveCount) {
        this(shardCount, maxReceiveCount, QueueKeeper.UNSETTLED_MAX);
    }

    QueueWorld(int shardCount, Optional<Integer> maxReceiveCount, int unsettledMax) {
        this.unsettledMax = unsettledMax;
        this.keeper = new QueueKeeper(unsettledMax, unsettledMax);
        List<ShardMapRecord> records = new ArrayList<>();
        records.add(
                new ShardMapRecord.StreamPut(
                        new StreamState(
                                ORDERS,
                                STREAM,
                                StreamStatus.ACTIVE,
                                now,
                                "orders",
                                Optional.empty(),
                                Optional.empty(),
                                StreamSettings.DEFAULT,
                                shardCount,
                                shardCount,
                                Optional.empty(),
                                Optional.empty(),
                                List.of())));
        List<HashKeyRange> ranges = HashKeyRange.uniform(shardCount);
        for (int i = 0; i < shardCount; i++) {
            records.add(
                    new ShardMapRecord.ShardPut(
                            ORDERS,
                            new Shard(
                                    new ShardId(i),
                                    List.of(),
                                    ranges.get(i),
                                    i,
                                    0,
                                    now,
                                    new Shard.Open())));
        }
        this.map = ShardMap.empty().replay(records);
        define(new QueueStart(QueueStart.Type.TRIM_HORIZON, now, Map.of(), 0), maxReceiveCount);
    }

    /** Makes the queue, or changes it. */
    void define(QueueStart start, Optional<Integer> maxReceiveCount) {
        map =
                map.replay(
                        List.of(
                                new ShardMapRecord.QueuePut(
                                        new QueueDefinition(
                                                QUEUE,
                                                new QueueName("work"),
                                                ORDERS,
                                                STREAM,
                                                now,
                                                start,
                                                30,
                                                maxReceiveCount,
                                                Map.of(),
                                                Optional.empty()))));
    }

    void deleteQueue() {
        map = map.replay(List.of(new ShardMapRecord.QueueGone(QUEUE)));
    }

    /** Closes a shard at an offset. */
    void close(int shard, long end) {
        Shard open = map.stream(ORDERS).orElseThrow().shard(new ShardId(shard)).orElseThrow();
        map =
                map.replay(
                        List.of(
                                new ShardMapRecord.ShardPut(
                                        ORDERS, open.withPhase(new Shard.Closed(end, now)))));
    }

    /** Puts a record; offsets in between may be left out, as marks of transactions do. */
    Place put(int shard, long offset) {
        ShardId id = new ShardId(shard);
        shards.computeIfAbsent(id, _ -> new ArrayList<>()).add(new Found.Item(offset, now, BYTES));
        return new Place(id, offset);
    }

    Instant now() {
        return now;
    }

    void pass(Duration time) {
        now = now.plus(time);
        take(keeper.tick(map, now));
    }

    List<QueueStanding> standings() {
        return keeper.standings(map, now);
    }

    /** The keeper dies, and another one reads the log. */
    void kill() {
        keeper = new QueueKeeper(unsettledMax, unsettledMax);
        log.forEach(keeper::replay);
    }

    List<QueueReply.Handed> receive(int max) {
        return received(receive(false, max, 1, Optional.empty()));
    }

    List<QueueReply.Handed> receiveDead(int max) {
        return received(receive(true, max, 1, Optional.empty()));
    }

    /** The reply, if it came at once; who waits for a millisecond has it in any case. */
    Optional<QueueReply> receive(
            boolean dead, int max, long waitMillis, Optional<Integer> visibilitySeconds) {
        String id = "ask-" + ++asks;
        lastReceive =
                Optional.of(
                        new QueueAsk.Receive(
                                "gateway",
                                id,
                                QUEUE,
                                dead,
                                max,
                                1_000,
                                waitMillis,
                                visibilitySeconds));
        askAgain();
        if (waitMillis == 1 && reply(id).isEmpty()) {
            pass(Duration.ofMillis(1));
        }
        return reply(id);
    }

    /** The last receiver asks anew. */
    void askAgain() {
        take(keeper.ask(lastReceive.orElseThrow(), map, now));
    }

    static List<QueueReply.Handed> received(Optional<QueueReply> reply) {
        return ((QueueReply.Received) reply.orElseThrow()).records();
    }

    /** The reply to the last ask, if there is one by now. */
    Optional<QueueReply> lastReply() {
        return reply("ask-" + asks);
    }

    private Optional<QueueReply> reply(String id) {
        return Optional.ofNullable(replies.get(id));
    }

    QueueReply.Outcome settle(QueueAsk.Change change, boolean dead, QueueReply.Handed handed) {
        return settle(change, dead, handed, 0);
    }

    QueueReply.Outcome settle(
            QueueAsk.Change change, boolean dead, QueueReply.Handed handed, int seconds) {
        String id = "ask-" + ++asks;
        take(
                keeper.ask(
                        new QueueAsk.Settle(
                                "gateway",
                                id,
                                QUEUE,
                                dead,
                                change,
                                List.of(
                                        new QueueAsk.Entry(
                                                handed.place(), handed.handout(), seconds))),
                        map,
                        now));
        return ((QueueReply.Settled) reply(id).orElseThrow()).outcomes().getFirst();
    }

    /** What compaction would leave. */
    int keptOfLog() {
        Map<Object, Boolean> kept = new HashMap<>();
        for (QueueRecord record : log) {
            switch (record) {
                case QueueRecord.CursorPut(_, var shard, _) -> kept.put(shard, true);
                case QueueRecord.CursorGone(_, var shard) -> kept.remove(shard);
                case QueueRecord.DeliveryPut(_, var place, _) -> kept.put(place, true);
                case QueueRecord.DeliveryGone(_, var place) -> kept.remove(place);
            }
        }
        return kept.size();
    }

    private void take(Turn first) {
        Deque<Turn> turns = new ArrayDeque<>(List.of(first));
        while (!turns.isEmpty()) {
            Turn turn = turns.remove();
            log.addAll(turn.records());
            turn.replies().forEach(reply -> replies.put(reply.askId(), reply));
            for (ShardLook look : turn.looks()) {
                Found found = look(look);
                // One that finds nothing would wait for more, as real ones do.
                if (!found.records().isEmpty()) {
                    turns.add(keeper.found(look, found, map, now));
                } else {
                    keeper.notFound(look, now.minusSeconds(10));
                }
            }
        }
    }

    private Found look(ShardLook look) {
        List<Found.Item> records =
                shards.getOrDefault(look.shard(), List.of()).stream()
                        .filter(record -> record.offset() >= look.from())
                        .limit(look.recordsMax())
                        .toList();
        long next = records.isEmpty() ? look.from() : records.getLast().offset() + 1;
        return new Found(records, next);
    }
}
