/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the volumes every few seconds, more often where one is nearly full, and at the topics
 * once a minute. What it says may be asked for by any thread.
 */
public final class VolumeWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(VolumeWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Duration EVERY_WHEN_NEARLY_FULL = Duration.ofSeconds(1);
    private static final int NEARLY_FULL_PERCENT = 80;
    private static final Duration TOPICS_EVERY = Duration.ofMinutes(1);
    private static final int LOOKS_MAX = 61;

    private final VolumeReader reader;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService timer;
    // Only the timer's thread touches these two.
    private final GrowthRates rates = new GrowthRates(LOOKS_MAX);
    private long topicsSeenAt;

    private volatile List<Volume> volumes = List.of();
    private volatile Map<String, TopicStorage> topics = Map.of();
    private volatile Optional<String> full = Optional.empty();

    public VolumeWatch(VolumeReader reader, LongSupplier nanoTime) {
        this.reader = reader;
        this.nanoTime = nanoTime;
        this.topicsSeenAt = nanoTime.getAsLong() - TOPICS_EVERY.toNanos();
        this.timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("volume-watch").daemon().factory());
    }

    public void start() {
        timer.execute(this::lookAndGoOn);
    }

    /** In the order of the brokers; empty as long as none answered. */
    public List<Volume> volumes() {
        return volumes;
    }

    /** What a topic takes, a minute old at most. */
    public Optional<TopicStorage> topic(String name) {
        return Optional.ofNullable(topics.get(name));
    }

    /** Why no records may be put for want of space; empty when they may. */
    public Optional<String> full() {
        return full;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what fails is logged
    private void lookAndGoOn() {
        try {
            look();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return;
        } catch (RuntimeException e) {
            log.warn("The volumes cannot be looked at this time", e);
        }
        boolean nearlyFull =
                volumes.stream().anyMatch(volume -> volume.usedPercent() >= NEARLY_FULL_PERCENT);
        if (!timer.isShutdown()) {
            timer.schedule(
                    this::lookAndGoOn,
                    (nearlyFull ? EVERY_WHEN_NEARLY_FULL : EVERY).toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    /** Looks once. */
    void look() throws InterruptedException {
        VolumeReading reading = reader.read();
        if (reading.volumes().isEmpty()) {
            // Nobody answered: what was known is still the best guess.
            return;
        }
        volumes = reading.volumes();
        Optional<String> now =
                volumes.stream().filter(Volume::isFull).findFirst().map(VolumeWatch::message);
        if (now.isPresent() != full.isPresent()) {
            log.warn("{}", now.orElse("There is room on the brokers' volumes again"));
        }
        full = now;
        if (nanoTime.getAsLong() - topicsSeenAt >= TOPICS_EVERY.toNanos()) {
            topicsSeenAt = nanoTime.getAsLong();
            lookAtTopics(reading.replicaBytes());
        }
    }

    private static String message(Volume volume) {
        return "The volume of broker %d is full (%d %% used); records are taken again when there is room."
                .formatted(volume.broker(), volume.usedPercent());
    }

    private void lookAtTopics(Map<TopicPartition, List<Long>> replicaBytes) {
        rates.look(
                topicsSeenAt,
                replicaBytes.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey,
                                        // A copy that lags has less.
                                        replicas -> Collections.max(replicas.getValue()))));
        Map<String, TopicStorage> found = new HashMap<>();
        replicaBytes.forEach((partition, replicas) ->
                found.merge(
                        partition.topic(),
                        new TopicStorage(
                                replicas.stream().mapToLong(Long::longValue).sum(),
                                replicas.size(),
                                rates.perSecond(partition.topic())),
                        (a, b) ->
                                new TopicStorage(
                                        a.bytes() + b.bytes(),
                                        Math.max(a.replicas(), b.replicas()),
                                        a.growthPerSecond())));
        topics = Map.copyOf(found);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
