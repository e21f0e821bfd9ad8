/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.gate;

import dev.millrace.shard.GatewayId;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.RoundId;
import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.GatewayMessage;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.ShardMapRecord;
import dev.millrace.shard.map.StreamStatus;
import dev.millrace.shard.map.StreamView;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a gateway may do at this moment. Every put passes here twice: {@link #admit} before it is
 * sent to the brokers and {@link #mayAcknowledge} before its client hears of success.
 *
 * <p>The guarantee: an acknowledged record lies inside its shard's offsets. A shard is closed at
 * the end of its partition, read after each gateway said that it drained the shard, or left, or was
 * silent for longer than its lease. So a put acknowledged by a lease that held was in the partition
 * before that end was read.
 *
 * <p>Safe to share between threads. {@link #mapChanged} is called by one thread, the one that
 * follows the log. Admitting and closing race without a lock: an admission counts itself first and
 * looks at the map then; a change publishes the map first and looks at the counts then. So at least
 * one sees the other.
 */
public final class PutGate {

    private final Supplier<GatewayId> newIds;
    private final LongSupplier nanoTime;
    private final Consumer<GatewayMessage> outbox;
    private final Map<InFlight.Key, InFlight> inFlight = new ConcurrentHashMap<>();
    private volatile ShardMap map = ShardMap.empty();
    private volatile Membership membership;
    private volatile boolean left;
    private long heartbeats;

    /**
     * @param newIds gives an id for each membership, never the same twice
     * @param nanoTime a monotonic clock
     * @param outbox takes messages for the writer; must not block
     */
    public PutGate(
            Supplier<GatewayId> newIds, LongSupplier nanoTime, Consumer<GatewayMessage> outbox) {
        this.newIds = newIds;
        this.nanoTime = nanoTime;
        this.outbox = outbox;
        this.membership = new Membership(newIds.get());
    }

    /** The map that decisions are made by. */
    public ShardMap map() {
        return map;
    }

    /** The id of the present membership. */
    public GatewayId gateway() {
        return membership.gateway();
    }

    /** Whether puts are admitted and acknowledged at this moment. */
    public boolean hasLease() {
        return membership.holds(nanoTime.getAsLong());
    }

    /** The present membership, if it holds its lease at this moment. */
    public Optional<GatewayId> membership() {
        Membership now = membership;
        return now.holds(nanoTime.getAsLong()) ? Optional.of(now.gateway()) : Optional.empty();
    }

    /** Whether a put of that hash key may be sent now, and where. */
    public Admission admit(StreamName name, HashKey key) {
        Optional<StreamView> stream = map.stream(name);
        if (stream.isEmpty()) {
            return new Admission.NoStream();
        }
        StreamStatus status = stream.get().state().status();
        if (status == StreamStatus.CREATING || status == StreamStatus.DELETING) {
            return new Admission.NotActive(status);
        }
        Membership now = membership;
        if (!now.holds(nanoTime.getAsLong())) {
            return new Admission.NotNow(Admission.Cause.NO_LEASE);
        }
        Shard shard =
                stream.get()
                        .route(key)
                        .orElseThrow(
                                () -> new IllegalStateException(name + " has a gap at " + key));
        InFlight counter = counterOf(stream.get(), shard);
        counter.enter();
        if (isOpenStill(stream.get(), shard)) {
            return new Admission.Admitted(new Admission.Pass(stream.get(), shard, counter, now));
        }
        leave(counter, name);
        return new Admission.NotNow(Admission.Cause.SHARD_IS_CLOSING);
    }

    /**
     * Whether the client may hear that its put succeeded. Ask after the brokers acknowledged it; if
     * not, the put counts as failed, although the record may be there. A put to a stream that was
     * deleted meanwhile may be in the one that was made under the same name since.
     */
    public boolean mayAcknowledge(Admission.Pass pass) {
        return pass.membership().holds(nanoTime.getAsLong()) && !pass.counter().isOver();
    }

    /**
     * The put is over: acknowledged, failed, or given up in such a way that nobody hears of it any
     * more.
     */
    public void done(Admission.Pass pass) {
        leave(pass.counter(), pass.stream().state().name());
    }

    /**
     * The next heartbeat, to be sent now. Called by the thread that follows the log, so that a
     * stuck one falls silent. None once it has left.
     */
    public Optional<GatewayMessage.Heartbeat> heartbeat() {
        Membership now = membership;
        if (left) {
            return Optional.empty();
        }
        long number = ++heartbeats;
        now.heartbeatSent(number, nanoTime.getAsLong());
        return Optional.of(new GatewayMessage.Heartbeat(now.gateway(), number, !now.isGranted()));
    }

    /**
     * Ends the membership for good; call it when no put is in flight any more. What it returns is
     * to be sent now. Without this a gateway that goes would see itself expelled, join again as it
     * does after a long silence, and have every reshard wait for the end of a lease that nobody
     * uses.
     */
    public GatewayMessage.Leave leave() {
        left = true;
        membership.end();
        return new GatewayMessage.Leave(membership.gateway());
    }

    /** Takes over a newer map. */
    public void mapChanged(ShardMap newer) {
        ShardMap older = map;
        map = newer;
        renewMembership(older, newer);
        if (newer.hasSameStreamsAs(older)) {
            return;
        }
        newer.resharding().stream()
                .filter(stream -> stream.state().status() == StreamStatus.UPDATING)
                .forEach(this::reportDrained);
        forgetClosed(newer);
    }

    private void renewMembership(ShardMap older, ShardMap newer) {
        Membership now = membership;
        Optional<ShardMapRecord.GatewayPut> granted = newer.gateway(now.gateway());
        if (granted.isPresent()) {
            now.granted(granted.get().heartbeat());
        } else if (now.isGranted() || older.gateway(now.gateway()).isPresent()) {
            now.end();
            if (!left) {
                membership = new Membership(newIds.get());
            }
        }
    }

    private boolean isOpenStill(StreamView seen, Shard shard) {
        return map.stream(seen.state().name())
                .filter(now -> now.state().id().equals(seen.state().id()))
                .flatMap(now -> now.shard(shard.id()))
                .filter(now -> now.phase() instanceof Shard.Open)
                .isPresent();
    }

    private void leave(InFlight counter, StreamName name) {
        if (counter.leave()) {
            map.stream(name)
                    .filter(stream -> stream.state().id().equals(counter.key().stream()))
                    .filter(stream -> stream.state().status() == StreamStatus.UPDATING)
                    .ifPresent(this::reportDrained);
        }
    }

    /** Reports each round of a stream in whose closing shards nothing is in flight, once. */
    private void reportDrained(StreamView stream) {
        Set<RoundId> drained = new HashSet<>();
        Set<RoundId> busy = new HashSet<>();
        boolean first = false;
        for (Shard shard : stream.openShards()) {
            if (shard.phase() instanceof Shard.Closing(var round)) {
                (counterOf(stream, shard).isEmpty() ? drained : busy).add(round);
            }
        }
        drained.removeAll(busy);
        for (Shard shard : stream.openShards()) {
            if (shard.phase() instanceof Shard.Closing(var round) && drained.contains(round)) {
                first |= counterOf(stream, shard).firstReportOf(round);
            }
        }
        if (first) {
            drained.forEach(round -> outbox.accept(new GatewayMessage.Drained(gateway(), round)));
        }
    }

    private InFlight counterOf(StreamView stream, Shard shard) {
        return inFlight.computeIfAbsent(
                new InFlight.Key(stream.state().id(), shard.id()), InFlight::new);
    }

    /**
     * Drops the counters of shards that are closed or gone, unless a put to them is still in
     * flight.
     */
    private void forgetClosed(ShardMap newer) {
        inFlight.values()
                .removeIf(counter -> {
                    Optional<StreamView> stream = newer.stream(counter.key().stream());
                    if (stream.isEmpty()) {
                        counter.end();
                    }
                    return counter.isEmpty()
                            && stream.flatMap(s -> s.shard(counter.key().shard()))
                                    .filter(Shard::isOpen)
                                    .isEmpty();
                });
    }
}
