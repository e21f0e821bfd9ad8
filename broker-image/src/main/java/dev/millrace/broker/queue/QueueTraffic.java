/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.shard.QueueId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;

/**
 * What goes through this gateway, by queue. A queue takes memory here once something went through
 * it, and until it is gone and another one comes. Safe to use from any thread.
 */
public final class QueueTraffic {

    private final Predicate<QueueId> isThere;
    private final Map<QueueId, AtomicLongArray> queues = new ConcurrentHashMap<>();

    /**
     * @param isThere whether a queue is there
     */
    public QueueTraffic(Predicate<QueueId> isThere) {
        this.isThere = isThere;
    }

    void add(QueueId queue, QueueMetric metric, long amount) {
        AtomicLongArray known = queues.get(queue);
        (known != null ? known : begin(queue)).addAndGet(metric.ordinal(), amount);
    }

    private AtomicLongArray begin(QueueId queue) {
        queues.keySet().removeIf(isThere.negate());
        return queues.computeIfAbsent(queue, _ -> new AtomicLongArray(QueueMetric.values().length));
    }

    /** Whether anything of it went through here. */
    boolean has(QueueId queue) {
        return queues.containsKey(queue);
    }

    long value(QueueId queue, QueueMetric metric) {
        AtomicLongArray counted = queues.get(queue);
        return counted == null ? 0 : counted.get(metric.ordinal());
    }
}
