/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import dev.millrace.shard.gate.PutGate;
import dev.millrace.shard.log.ShardMapLog;
import dev.millrace.shard.map.CommandResult;
import dev.millrace.shard.map.GatewayMessage;
import dev.millrace.shard.map.Leases;
import dev.millrace.shard.map.ShardMapRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the shard map's log and keeps the gateway's view of it: applies each decision whole,
 * hands replies to those who wait for them, and sends heartbeats. One thread does all of that, so a
 * gateway that cannot follow falls silent, loses its lease, and acknowledges nothing by an old map.
 */
final class ShardMapFollower implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ShardMapFollower.class);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration HEARTBEAT_WITHOUT_LEASE = Duration.ofMillis(200);

    private final Supplier<ShardMapLog> logs;
    private final PutGate gate;
    private final Consumer<GatewayMessage> outbox;
    private final GateChanges changes;
    private final Map<String, CompletableFuture<CommandResult>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
    private final Thread thread;
    private long nextHeartbeatNanos = System.nanoTime();
    private volatile boolean stopping;

    ShardMapFollower(
            Supplier<ShardMapLog> logs,
            PutGate gate,
            Consumer<GatewayMessage> outbox,
            GateChanges changes) {
        this.logs = logs;
        this.gate = gate;
        this.outbox = outbox;
        this.changes = changes;
        this.thread = Thread.ofPlatform().name("shard-map-follower").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Completes once the log was read to its end. */
    CompletableFuture<Void> caughtUp() {
        return caughtUp;
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** The result of a command, when its reply comes. */
    CompletableFuture<CommandResult> replyTo(String commandId) {
        CompletableFuture<CommandResult> reply = new CompletableFuture<>();
        waiting.put(commandId, reply);
        return reply;
    }

    /** Nobody waits for the reply any more. */
    void forget(String commandId) {
        waiting.remove(commandId);
    }

    /** Stops following. The gate keeps its last map and loses its lease in time. */
    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join(Duration.ofSeconds(10));
    }

    private void run() {
        while (!stopping) {
            try (ShardMapLog reader = logs.get()) {
                gate.mapChanged(reader.replay(() -> stopping));
                changes.signal();
                caughtUp.complete(null);
                while (!stopping) {
                    reader.follow(this::apply);
                    heartbeatWhenDue(reader);
                }
            } catch (InterruptException _) {
                return;
            } catch (RuntimeException e) {
                log.error(
                        "The shard map could not be followed; it is read again from its start", e);
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }

    private void apply(List<ShardMapRecord> decision) {
        gate.mapChanged(gate.map().replay(decision));
        changes.signal();
        for (ShardMapRecord record : decision) {
            if (record instanceof ShardMapRecord.Reply(_, var commandId, var result)) {
                CompletableFuture<CommandResult> reply = waiting.remove(commandId);
                if (reply != null) {
                    reply.complete(result);
                }
            }
        }
    }

    private void heartbeatWhenDue(ShardMapLog reader) {
        long now = System.nanoTime();
        if (now - nextHeartbeatNanos >= 0 && reader.isAtEnd()) {
            Duration next = gate.hasLease() ? Leases.HEARTBEAT : HEARTBEAT_WITHOUT_LEASE;
            nextHeartbeatNanos = now + next.toNanos();
            gate.heartbeat().ifPresent(outbox);
        }
    }
}
