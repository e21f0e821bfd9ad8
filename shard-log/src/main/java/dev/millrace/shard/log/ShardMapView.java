/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.log;

import dev.millrace.shard.map.ShardMap;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shard map as one who only reads shards has it: a little behind the writer, never half of a
 * decision. It follows the log on a thread of its own and starts anew by itself when the brokers
 * were away; the last map stays until then. Safe to use from any thread.
 */
public final class ShardMapView implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ShardMapView.class);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final Map<String, ?> clientProperties;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private Version latest = new Version(ShardMap.empty(), 0);
    // Guarded by lock: the offset of the log that the map is as of.
    private long position = -1;
    private volatile @Nullable ShardMapLog open;
    private volatile boolean stopping;

    /**
     * A map and how many there were before it.
     *
     * @param number 0 before the log was read, and larger with each change
     */
    public record Version(ShardMap map, long number) {}

    /**
     * @param clientProperties how to reach the brokers: {@code bootstrap.servers}, and what their
     *     security asks for
     */
    public ShardMapView(Map<String, ?> clientProperties) {
        this.clientProperties = Map.copyOf(clientProperties);
        this.thread = Thread.ofPlatform().name("shard-map-view").daemon().unstarted(this::run);
    }

    /**
     * Starts to follow, and waits until the log was read once.
     *
     * @throws TimeoutException if that takes longer; it goes on trying nonetheless
     */
    public void start(Duration atMost) throws InterruptedException, TimeoutException {
        thread.start();
        if (awaitLaterThan(0, atMost).number() == 0) {
            throw new TimeoutException(
                    "The shard map could not be read from the brokers within " + atMost);
        }
    }

    public Version latest() {
        lock.lock();
        try {
            return latest;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a version with a larger number.
     *
     * @return the latest version, an old one if the time is up
     */
    public Version awaitLaterThan(long number, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (latest.number() <= number && left > 0) {
                left = changed.awaitNanos(left);
            }
            return latest;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until all was read that is before an offset of {@link ShardMapLog#PARTITION}. With the
     * log's present end this gives a map that is not older than the call.
     *
     * @throws TimeoutException if that takes longer
     */
    public ShardMap awaitOffset(long offset, Duration atMost)
            throws InterruptedException, TimeoutException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (position < offset && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (position < offset) {
                throw new TimeoutException("The shard map is behind by more than " + atMost);
            }
            return latest.map();
        } finally {
            lock.unlock();
        }
    }

    /** Stops following. */
    @Override
    public void close() throws InterruptedException {
        stopping = true;
        Optional.ofNullable(open).ifPresent(ShardMapLog::wakeUp);
        if (thread.getState() != Thread.State.NEW) {
            thread.join(Duration.ofSeconds(10));
        }
    }

    private void run() {
        while (!stopping) {
            try (ShardMapLog reader = ShardMapLog.open(clientProperties)) {
                open = reader;
                ShardMap replayed = reader.replay(() -> stopping);
                if (!stopping) {
                    publish(replayed);
                    readTo(reader.position());
                }
                while (!stopping) {
                    reader.follow(decision -> publish(latest().map().replay(decision)));
                    readTo(reader.position());
                }
            } catch (WakeupException | InterruptException _) {
                return;
            } catch (RuntimeException e) {
                log.warn(
                        "The shard map could not be followed; it is read again from its start: {}",
                        e.toString());
                pause();
            }
        }
    }

    private void publish(ShardMap map) {
        lock.lock();
        try {
            latest = new Version(map, latest.number() + 1);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void readTo(long offset) {
        lock.lock();
        try {
            if (position != offset) {
                position = offset;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
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
}
