/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.broker.limits.Shares.Pool;
import dev.millrace.broker.shardmap.ShardMapClient;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kinesis's limits of the shards of streams that keep to them, over all gateways of the pool. Safe
 * to use from any thread.
 *
 * @see Shares
 */
public final class ShardLimits implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ShardLimits.class);

    /**
     * How long a request waits for other gateways before it is refused: it is refused because the
     * limit is reached and not because this gateway did not know better.
     */
    private static final Duration WAIT_MAX = Duration.ofMillis(100);

    private static final Duration WAIT_STEP = Duration.ofMillis(4);
    private static final Duration TICK = Duration.ofMillis(10);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
    private static final Duration FORGET_EVERY = Duration.ofMinutes(1);

    private static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final ShardMapClient map;
    private final ShareExchange exchange;
    private final LongSupplier nanoTime;
    private final Shares shares;
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);

    /**
     * @param nanoTime {@code System::nanoTime}
     */
    public ShardLimits(ShardMapClient map, ShareExchange exchange, LongSupplier nanoTime) {
        this.map = map;
        this.exchange = exchange;
        this.nanoTime = nanoTime;
        this.shares =
                new Shares(
                        () -> new Pool(map.membership(), map.current().gateways()),
                        message -> exchange.send(encode(message)));
        this.thread = Thread.ofPlatform().name("shard-limits").daemon().unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** What one request may wait for in all. */
    public final class Patience {
        private long untilNanos;
        private boolean begun;

        private boolean isLeft() {
            long now = nanoTime.getAsLong();
            if (!begun) {
                begun = true;
                untilNanos = now + WAIT_MAX.toNanos();
            }
            return untilNanos - now > 0;
        }
    }

    public Patience patience() {
        return new Patience();
    }

    /** Takes a record in, if its shard may. */
    public boolean tryPut(StreamId stream, ShardId shard, int bytes, Patience patience) {
        return take(new ShareKey(stream, shard, Limit.WRITE), bytes, patience);
    }

    /** Lets a read begin, if the shard may: the bytes that it gave are told with {@link #gave}. */
    public boolean tryRead(StreamId stream, ShardId shard) {
        return take(new ShareKey(stream, shard, Limit.READ), 1, patience());
    }

    /**
     * As Amazon does: a read may give more than there is left, and the next ones wait for it. It
     * may be told piece by piece; the byte that a read begins with is on top of them.
     */
    public void gave(StreamId stream, ShardId shard, long bytes) {
        shares.takeAnyway(new ShareKey(stream, shard, Limit.READ), bytes, nanoTime.getAsLong());
    }

    private boolean take(ShareKey key, double bytes, Patience patience) {
        boolean again = false;
        while (!shares.tryTake(key, bytes, 1, again, nanoTime.getAsLong())) {
            if (!patience.isLeft() || !shares.mayGetMore(key, nanoTime.getAsLong())) {
                return false;
            }
            again = true;
            try {
                Thread.sleep(WAIT_STEP);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    private void run() {
        boolean exchanging = false;
        long forgotAt = nanoTime.getAsLong();
        while (stop.getCount() > 0) {
            try {
                exchanging = exchanging || isShared();
                if (exchanging) {
                    for (byte[] message : exchange.receive(TICK)) {
                        decode(message).ifPresent(m -> shares.received(m, nanoTime.getAsLong()));
                    }
                    shares.tick(nanoTime.getAsLong());
                } else {
                    pause();
                }
                if (nanoTime.getAsLong() - forgotAt > FORGET_EVERY.toNanos()) {
                    forgotAt = nanoTime.getAsLong();
                    forget();
                }
            } catch (RuntimeException e) {
                log.warn("Gateways cannot lend each other parts of limits for now", e);
                pause();
            }
        }
        exchange.close();
    }

    private void pause() {
        try {
            boolean _ = stop.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            stop.countDown();
        }
    }

    /** Whether there is anything to share, and somebody to share it with. */
    private boolean isShared() {
        ShardMap now = map.current();
        return now.gateways().size() > 1
                && now.streams().stream()
                        .anyMatch(stream ->
                                stream.state().settings().limits() == LimitsProfile.KINESIS);
    }

    private void forget() {
        Map<StreamId, StreamView> left = new HashMap<>();
        map.current().streams().forEach(stream -> left.put(stream.state().id(), stream));
        shares.keep((stream, shard) ->
                Optional.ofNullable(left.get(stream))
                        .flatMap(view -> view.shard(shard))
                        .isPresent());
    }

    private static byte[] encode(ShareMessage message) {
        try {
            return JSON.writerFor(ShareMessage.class).writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write " + message, e);
        }
    }

    /** None for a message of a version that this one does not know. */
    private static Optional<ShareMessage> decode(byte[] message) {
        try {
            return Optional.of(JSON.readValue(message, ShareMessage.class));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            thread.join(CLOSE_WITHIN);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
