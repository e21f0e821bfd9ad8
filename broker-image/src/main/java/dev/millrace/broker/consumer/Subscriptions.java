/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.broker.consumer.SubscriptionNews.Item;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The subscriptions of this gateway. A consumer has one per shard: a second one takes the place of
 * the first, on whichever gateway, but not within five seconds, so that two workers do not throw
 * each other out all the time.
 *
 * <p>Gateways tell one another. All read what is told in one order, and so agree who holds a shard:
 * the last one that did not come too soon. Two that begin at once may both run for a moment.
 */
public final class Subscriptions implements AutoCloseable {

    /** Amazon's. */
    private static final Duration KEPT_FOR = Duration.ofSeconds(5);

    private final InstantSource clock;
    private final int max;
    private final SubscriptionNews news;
    private final AtomicBoolean following = new AtomicBoolean();

    private final ReentrantLock lock = new ReentrantLock();
    // All guarded by lock.
    private final Map<Key, Subscription> running = new HashMap<>();
    private final Map<Key, Item> holders = new HashMap<>();
    private boolean closed;

    private record Key(String consumerArn, ShardId shard) {}

    /**
     * @param max how many there may be at once
     */
    public Subscriptions(InstantSource clock, int max, SubscriptionNews news) {
        this.clock = clock;
        this.max = max;
        this.news = news;
    }

    /** One subscription: it ends when another takes its place. */
    final class Subscription implements AutoCloseable {
        private final String id = UUID.randomUUID().toString();
        private final Key key;
        private final Instant begunAt;
        private volatile boolean ended;

        private Subscription(Key key, Instant begunAt) {
            this.key = key;
            this.begunAt = begunAt;
        }

        boolean isEnded() {
            return ended;
        }

        private Item item(boolean end) {
            return new Item(id, key.consumerArn(), key.shard(), begunAt, end);
        }

        @Override
        public void close() {
            lock.lock();
            try {
                running.remove(key, this);
                forget(key, id);
            } finally {
                lock.unlock();
            }
            news.tell(item(true));
        }
    }

    /**
     * Begins a subscription, which ends the one that there was.
     *
     * @throws AwsException if there is one that is newer than five seconds, or if there are too
     *     many
     */
    Subscription begin(String consumerArn, ShardId shard) {
        if (following.compareAndSet(false, true)) {
            news.follow(this::on);
        }
        Subscription begun = beginHere(new Key(consumerArn, shard));
        news.tell(begun.item(false));
        return begun;
    }

    private Subscription beginHere(Key key) {
        lock.lock();
        try {
            if (closed) {
                throw new AwsException(ErrorCode.SERVICE_UNAVAILABLE, "The gateway stops.");
            }
            Instant now = clock.instant();
            Subscription other = running.get(key);
            Item holder = holders.get(key);
            boolean tooSoon =
                    other != null && other.begunAt.plus(KEPT_FOR).isAfter(now)
                            || holder != null && holder.begunAt().plus(KEPT_FOR).isAfter(now);
            if (tooSoon) {
                throw new AwsException(
                        ErrorCode.RESOURCE_IN_USE,
                        "Another active subscription exists for this consumer: %s, shard %s."
                                .formatted(key.consumerArn(), key.shard()));
            }
            if (other == null && running.size() >= max) {
                throw new AwsException(
                        ErrorCode.LIMIT_EXCEEDED,
                        "This gateway has %d subscriptions, which is as many as it can have."
                                .formatted(max));
            }
            if (other != null) {
                other.ended = true;
            }
            Subscription begun = new Subscription(key, now);
            running.put(key, begun);
            return begun;
        } finally {
            lock.unlock();
        }
    }

    /** What is told, of this gateway's own subscriptions as well. */
    private void on(Item item) {
        Key key = new Key(item.consumerArn(), item.shard());
        lock.lock();
        try {
            if (item.ended()) {
                forget(key, item.id());
                return;
            }
            Item holder = holders.get(key);
            boolean tooSoon =
                    holder != null && holder.begunAt().plus(KEPT_FOR).isAfter(item.begunAt());
            if (tooSoon) {
                end(key, item.id());
                return;
            }
            if (holder != null) {
                end(key, holder.id());
            }
            if (holders.size() >= 2 * max) {
                Instant now = clock.instant();
                holders.values().removeIf(old -> !old.begunAt().plus(KEPT_FOR).isAfter(now));
            }
            holders.put(key, item);
        } finally {
            lock.unlock();
        }
    }

    private void forget(Key key, String id) {
        Item holder = holders.get(key);
        if (holder != null && holder.id().equals(id)) {
            holders.remove(key);
        }
    }

    /** Ends a subscription, if it is one of this gateway. */
    private void end(Key key, String id) {
        Subscription mine = running.get(key);
        if (mine != null && mine.id.equals(id)) {
            mine.ended = true;
        }
    }

    public int count() {
        lock.lock();
        try {
            return running.size();
        } finally {
            lock.unlock();
        }
    }

    /** Ends all; clients subscribe again, with another gateway. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            running.values().forEach(subscription -> subscription.ended = true);
        } finally {
            lock.unlock();
        }
    }
}
