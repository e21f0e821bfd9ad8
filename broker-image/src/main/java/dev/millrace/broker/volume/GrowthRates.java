/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;

/**
 * How fast topics grow, from the sizes of their partitions at some times. Kafka deletes whole
 * segments: a partition that shrank is taken to have grown as between the two looks before. Not
 * safe for use by several threads.
 */
final class GrowthRates {

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final int looksMax;
    private Map<TopicPartition, Long> sizes = Map.of();
    private Map<TopicPartition, Long> growth = Map.of();
    private final Map<String, Deque<Look>> looks = new HashMap<>();

    private record Look(long nanoTime, long grown) {}

    /**
     * @param looksMax over how many looks the average is taken
     */
    GrowthRates(int looksMax) {
        this.looksMax = looksMax;
    }

    /** Topics that are not among the sizes are forgotten. */
    void look(long nanoTime, Map<TopicPartition, Long> now) {
        Map<TopicPartition, Long> grown = new HashMap<>();
        Map<String, Long> ofTopic = new HashMap<>();
        now.forEach((partition, size) -> {
            long more = size - sizes.getOrDefault(partition, 0L);
            long took = more >= 0 ? more : growth.getOrDefault(partition, 0L);
            grown.put(partition, took);
            ofTopic.merge(partition.topic(), took, Long::sum);
        });
        looks.keySet().retainAll(ofTopic.keySet());
        ofTopic.forEach((topic, took) -> {
            Deque<Look> of = looks.computeIfAbsent(topic, _ -> new ArrayDeque<>());
            // What was there at the first look did not come since.
            of.addLast(new Look(nanoTime, of.isEmpty() ? 0 : of.getLast().grown() + took));
            if (of.size() > looksMax) {
                of.removeFirst();
            }
        });
        sizes = Map.copyOf(now);
        growth = grown;
    }

    /** Bytes a second that come to a topic; empty until it was looked at twice. */
    OptionalDouble perSecond(String topic) {
        Deque<Look> of = looks.get(topic);
        if (of == null || of.size() < 2) {
            return OptionalDouble.empty();
        }
        double seconds = (of.getLast().nanoTime() - of.getFirst().nanoTime()) / NANOS_PER_SECOND;
        return OptionalDouble.of((of.getLast().grown() - of.getFirst().grown()) / seconds);
    }
}
