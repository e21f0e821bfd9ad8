/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.engine;

import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.Destination;
import dev.millrace.delivery.batch.SealedBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers batches on threads of its own, some at a time, and tries each again until it worked: the
 * more often it failed, the later. What waits here is held back by who fills it, since it counts
 * into the memory budget.
 */
public final class Outbox implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Outbox.class);
    private static final Duration PAUSE_MIN = Duration.ofMillis(200);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(15);

    /** Who hears of what happens; called by any thread. */
    public interface Listener {
        void delivered(SealedBatch batch);

        void failed(SealedBatch batch, DeliveryException failure);
    }

    /** A batch that has gone out. */
    public record Delivered(int partition, BatchId id) {}

    private final Destination destination;
    private final Listener listener;
    private final Semaphore slots;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ConcurrentLinkedQueue<Delivered> delivered = new ConcurrentLinkedQueue<>();
    private final Map<BatchId, Work> underWay = new ConcurrentHashMap<>();

    /** Of each partition, the batch that the next one in order waits for. */
    private final Map<Integer, Future<Boolean>> lastInOrder = new ConcurrentHashMap<>();

    private record Work(int partition, Future<Boolean> future) {}

    /**
     * @param concurrency how many batches go out at once
     */
    public Outbox(Destination destination, Listener listener, int concurrency) {
        this.destination = destination;
        this.listener = listener;
        this.slots = new Semaphore(concurrency);
    }

    public void submit(SealedBatch batch) {
        int partition = batch.descriptor().partition();
        boolean ordered = destination.isOrdered(batch.descriptor().key());
        Future<Boolean> before = ordered ? lastInOrder.get(partition) : null;
        Future<Boolean> future = threads.submit(() -> isDelivered(before) && deliver(batch));
        if (ordered) {
            lastInOrder.put(partition, future);
        }
        underWay.put(batch.descriptor().id(), new Work(partition, future));
    }

    /** The batches that went out since the last call. */
    public List<Delivered> takeDelivered() {
        List<Delivered> taken = new ArrayList<>();
        for (Delivered next = delivered.poll(); next != null; next = delivered.poll()) {
            underWay.remove(next.id());
            taken.add(next);
        }
        return taken;
    }

    /** Lets a partition's batches be: another worker delivers them now. */
    public void drop(int partition) {
        lastInOrder.remove(partition);
        underWay.values()
                .removeIf(work -> {
                    if (work.partition() != partition) {
                        return false;
                    }
                    work.future().cancel(true);
                    return true;
                });
    }

    /** Breaks off what is under way. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }

    private static boolean isDelivered(@Nullable Future<Boolean> batch) {
        try {
            return batch == null || batch.get();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | CancellationException _) {
            return false;
        }
    }

    /** Whether it was delivered; it was not where this was broken off. */
    private boolean deliver(SealedBatch batch) {
        try {
            for (int attempt = 0; !attempted(batch); attempt++) {
                Thread.sleep(pause(attempt));
            }
            listener.delivered(batch);
            delivered.add(new Delivered(batch.descriptor().partition(), batch.descriptor().id()));
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean attempted(SealedBatch batch) throws InterruptedException {
        slots.acquire();
        try {
            destination.deliver(batch);
            return true;
        } catch (DeliveryException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            log.warn(
                    "{} is not delivered: {} {}",
                    batch.descriptor().name(),
                    e.code(),
                    e.getMessage());
            listener.failed(batch, e);
            return false;
        } catch (RuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            log.error("{} is not delivered", batch.descriptor().name(), e);
            listener.failed(batch, new DeliveryException("InternalError", e.toString(), e));
            return false;
        } finally {
            slots.release();
        }
    }

    private static Duration pause(int attempt) {
        long ceiling =
                Math.min(PAUSE_MAX.toMillis(), PAUSE_MIN.toMillis() << Math.min(attempt, 10));
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(ceiling / 2, ceiling + 1));
    }
}
