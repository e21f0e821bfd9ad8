/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.consumer;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The subscriptions of this gateway. A consumer has one per shard: a second one takes the place of
 * the first, but not within five seconds, so that two workers do not throw each other out all the
 * time. Gateways do not know of one another's subscriptions.
 */
public final class Subscriptions implements AutoCloseable {

    /** Amazon's. */
    private static final Duration KEPT_FOR = Duration.ofSeconds(5);

    private final InstantSource clock;
    private final int max;

    private final ReentrantLock lock = new ReentrantLock();
    // Both guarded by lock.
    private final Map<Key, Subscription> running = new HashMap<>();
    private boolean closed;

    private record Key(String consumerArn, ShardId shard) {}

    /**
     * @param max how many there may be at once
     */
    public Subscriptions(InstantSource clock, int max) {
        this.clock = clock;
        this.max = max;
    }

    /** One subscription: it ends when another takes its place. */
    final class Subscription implements AutoCloseable {
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

        @Override
        public void close() {
            lock.lock();
            try {
                running.remove(key, this);
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Begins a subscription, which ends the one that there was.
     *
     * @throws AwsException if there is one that is newer than five seconds, or if there are too
     *     many
     */
    Subscription begin(String consumerArn, ShardId shard) {
        lock.lock();
        try {
            if (closed) {
                throw new AwsException(ErrorCode.SERVICE_UNAVAILABLE, "The gateway stops.");
            }
            Key key = new Key(consumerArn, shard);
            Instant now = clock.instant();
            Subscription other = running.get(key);
            if (other != null && other.begunAt.plus(KEPT_FOR).isAfter(now)) {
                throw new AwsException(
                        ErrorCode.RESOURCE_IN_USE,
                        "Another active subscription exists for this consumer: %s, shard %s."
                                .formatted(consumerArn, shard));
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
