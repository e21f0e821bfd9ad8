/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.queue.QueueKeepers;
import dev.millrace.broker.record.ShardLooks;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.queue.Found;
import dev.millrace.shard.queue.QueueAsk;
import dev.millrace.shard.queue.QueueKeeper;
import dev.millrace.shard.queue.QueueReply;
import dev.millrace.shard.queue.QueueStanding;
import dev.millrace.shard.queue.ShardLook;
import dev.millrace.shard.queue.Turn;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The real mind of a keeper that commits to nowhere. Threads of it end with the test's process. */
final class InMemoryQueueKeepers implements QueueKeepers {

    private final Supplier<ShardMap> map;
    private final ShardLooks shards;
    private final InstantSource clock;
    private final QueueKeeper keeper = new QueueKeeper(10_000);
    private final Map<String, CompletableFuture<QueueReply>> waiting = new ConcurrentHashMap<>();
    private volatile boolean closed;

    InMemoryQueueKeepers(Supplier<ShardMap> map, ShardLooks shards, InstantSource clock) {
        this.map = map;
        this.shards = shards;
        this.clock = clock;
        Thread.ofVirtual().start(this::tick);
    }

    @Override
    public String gateway() {
        return "memory";
    }

    @Override
    public CompletableFuture<QueueReply> ask(QueueAsk ask) {
        CompletableFuture<QueueReply> reply =
                waiting.computeIfAbsent(ask.id(), _ -> new CompletableFuture<>());
        ShardMap now = map.get();
        synchronized (keeper) {
            take(keeper.ask(ask, now, clock.instant()));
        }
        return reply;
    }

    @Override
    public void forget(String askId) {
        waiting.remove(askId);
    }

    @Override
    public List<QueueStanding> standings() {
        ShardMap now = map.get();
        synchronized (keeper) {
            return keeper.standings(now, clock.instant());
        }
    }

    private void tick() {
        while (!closed) {
            ShardMap now = map.get();
            synchronized (keeper) {
                take(keeper.tick(now, clock.instant()));
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private void take(Turn turn) {
        for (QueueReply reply : turn.replies()) {
            CompletableFuture<QueueReply> future = waiting.remove(reply.askId());
            if (future != null) {
                future.complete(reply);
            }
        }
        turn.looks().forEach(look -> Thread.ofVirtual().start(() -> look(look)));
    }

    private void look(ShardLook look) {
        Optional<Found> found = shards.take(look);
        ShardMap now = map.get();
        synchronized (keeper) {
            if (found.isPresent()) {
                take(keeper.found(look, found.get(), now, clock.instant()));
            } else {
                keeper.notFound(look, clock.instant());
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
