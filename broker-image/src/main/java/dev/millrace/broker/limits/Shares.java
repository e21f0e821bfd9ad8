/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import dev.millrace.broker.limits.ShareMessage.Ask;
import dev.millrace.broker.limits.ShareMessage.Counted;
import dev.millrace.broker.limits.ShareMessage.Hello;
import dev.millrace.broker.limits.ShareMessage.Lend;
import dev.millrace.broker.limits.ShareMessage.Loan;
import dev.millrace.broker.limits.ShareMessage.Want;
import dev.millrace.shard.GatewayId;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The parts of limits that this gateway has. Guaranteed, whatever messages are lost or late and
 * whoever dies: all gateways together never take more than one bucket of the whole limit would give
 * (a second's worth at once, and the rate), but for a single record that is larger than a gateway's
 * part, which is paid for afterwards. Not guaranteed is that the limit can be used up: for 18 s the
 * part of a gateway that died is nobody's.
 *
 * <p>Safe to use from any thread. It neither waits nor has threads: {@link #tick} is called every
 * few milliseconds.
 */
final class Shares {

    /** How long a loan holds, from when it was asked for. */
    static final Duration LOAN = Duration.ofSeconds(1);

    /** How long who lends does without: longer than any clock makes of {@link #LOAN}. */
    static final Duration LENT_FOR = LOAN.plusMillis(50);

    private static final long ASK_EVERY_NANOS = Duration.ofMillis(200).toNanos();
    private static final long ANSWER_WITHIN_NANOS = Duration.ofMillis(150).toNanos();
    private static final long HELLO_EVERY_NANOS = Duration.ofMillis(200).toNanos();
    private static final int ASKS_REMEMBERED_MAX = 100;

    /** A message stays far below what Kafka takes. */
    private static final int WANTS_MAX = 1_000;

    private final Supplier<Pool> pool;
    private final Consumer<ShareMessage> outbox;

    private final ReentrantLock lock = new ReentrantLock();
    // All below is guarded by lock.
    private final OwnPart own = new OwnPart();
    private final Map<ShareKey, Share> shares = new HashMap<>();
    private final Map<Long, Long> askedAtNanos = new HashMap<>();
    private final Map<GatewayId, Asker> askers = new HashMap<>();
    private long asks;
    private long helloAtNanos;

    /**
     * Who shares the limits.
     *
     * @param self this gateway's membership, if it has a lease at this moment
     * @param members all members, as this gateway knows
     */
    record Pool(Optional<GatewayId> self, Set<GatewayId> members) {}

    private static final class Asker {
        private long lastAsk;
        private long atNanos;
    }

    /**
     * @param outbox takes messages for all other gateways; must not block
     */
    Shares(Supplier<Pool> pool, Consumer<ShareMessage> outbox) {
        this.pool = pool;
        this.outbox = outbox;
    }

    /**
     * Takes so much of a limit, if this gateway has so much.
     *
     * @param again whether the same was refused before
     */
    boolean tryTake(ShareKey key, double bytes, double count, boolean again, long nowNanos) {
        lock.lock();
        try {
            look(nowNanos);
            return share(key, nowNanos).tryTake(bytes, count, again, nowNanos);
        } finally {
            lock.unlock();
        }
    }

    /** Takes what is known afterwards only. */
    void takeAnyway(ShareKey key, double bytes, long nowNanos) {
        lock.lock();
        try {
            look(nowNanos);
            share(key, nowNanos).takeAnyway(bytes, nowNanos);
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is worth a moment's wait before something is refused. */
    boolean mayGetMore(ShareKey key, long nowNanos) {
        lock.lock();
        try {
            return share(key, nowNanos)
                    .mayGetMore(own.others(), nowNanos, ASK_EVERY_NANOS, ANSWER_WITHIN_NANOS);
        } finally {
            lock.unlock();
        }
    }

    /** Asks for what is wanted, and says hello while it is not counted. */
    void tick(long nowNanos) {
        lock.lock();
        try {
            look(nowNanos);
            Optional<GatewayId> self = own.self();
            if (self.isEmpty() || own.others() == 0) {
                return;
            }
            if (!own.isSeated() && nowNanos - helloAtNanos >= HELLO_EVERY_NANOS) {
                helloAtNanos = nowNanos;
                outbox.accept(new Hello(self.get()));
            }
            ask(self.get(), nowNanos);
        } finally {
            lock.unlock();
        }
    }

    private void ask(GatewayId self, long nowNanos) {
        List<Want> wants = new ArrayList<>();
        for (Map.Entry<ShareKey, Share> entry : shares.entrySet()) {
            if (wants.size() < WANTS_MAX && entry.getValue().isToAsk(nowNanos, ASK_EVERY_NANOS)) {
                wants.add(new Want(entry.getKey(), entry.getValue().wanted()));
                entry.getValue().asked(asks + 1, nowNanos);
            }
        }
        if (!wants.isEmpty()) {
            asks++;
            askedAtNanos.put(asks, nowNanos);
            askedAtNanos.remove(asks - ASKS_REMEMBERED_MAX);
            outbox.accept(new Ask(self, asks, wants));
        }
    }

    void received(ShareMessage message, long nowNanos) {
        lock.lock();
        try {
            look(nowNanos);
            Optional<GatewayId> self = own.self();
            if (self.isEmpty() || message.from().equals(self.get())) {
                return;
            }
            switch (message) {
                case Hello(var from) -> {
                    if (own.counts(from, nowNanos)) {
                        outbox.accept(new Counted(self.get(), from));
                    }
                }
                case Counted(var from, var counted) -> {
                    if (counted.equals(self.get())) {
                        own.countedBy(from);
                        look(nowNanos);
                    }
                }
                case Ask ask -> lend(self.get(), ask, nowNanos);
                case Lend lend -> {
                    if (lend.to().equals(self.get())) {
                        borrow(lend, nowNanos);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void lend(GatewayId self, Ask ask, long nowNanos) {
        Asker asker = askers.computeIfAbsent(ask.from(), _ -> new Asker());
        if (ask.number() <= asker.lastAsk) {
            return;
        }
        asker.lastAsk = ask.number();
        asker.atNanos = nowNanos;
        int borrowers =
                (int)
                        askers.values().stream()
                                .filter(other -> nowNanos - other.atNanos < LOAN.toNanos())
                                .count();
        long until = nowNanos + LENT_FOR.toNanos();
        List<Loan> loans = new ArrayList<>();
        for (Want want : ask.wants()) {
            loans.add(
                    share(want.key(), nowNanos)
                            .lend(ask.from(), want.part(), borrowers, until, nowNanos));
        }
        outbox.accept(new Lend(self, ask.from(), ask.number(), loans));
    }

    private void borrow(Lend lend, long nowNanos) {
        Long askedAt = askedAtNanos.get(lend.number());
        if (askedAt == null) {
            return;
        }
        long until = askedAt + LOAN.toNanos();
        for (Loan loan : lend.loans()) {
            share(loan.key(), nowNanos).borrow(lend.from(), lend.number(), loan, until, nowNanos);
        }
    }

    /** Forgets the shards that are gone. */
    void keep(BiPredicate<StreamId, ShardId> isThere) {
        lock.lock();
        try {
            shares.keySet().removeIf(key -> !isThere.test(key.stream(), key.shard()));
            askers.keySet().removeIf(asker -> !own.knows(asker));
        } finally {
            lock.unlock();
        }
    }

    private void look(long nowNanos) {
        Pool now = pool.get();
        if (own.update(now.self(), now.members(), nowNanos)) {
            shares.values().forEach(share -> share.setOwn(own.part(), nowNanos));
        }
    }

    private Share share(ShareKey key, long nowNanos) {
        return shares.computeIfAbsent(
                key, _ -> new Share(key, own.part(), own.sinceNanos(), nowNanos));
    }
}
