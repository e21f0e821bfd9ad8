/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queuekeeper;

import dev.millrace.broker.record.ShardLooks;
import dev.millrace.broker.shardmap.KafkaClients;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.queue.Found;
import dev.millrace.shard.queue.QueueKeeper;
import dev.millrace.shard.queue.QueueStanding;
import dev.millrace.shard.queue.ShardLook;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for the offices of the queues' keepers, one a partition, and holds those that it is given.
 *
 * <p>The keeper of a partition is the member of a consumer group that was given the inbox's
 * partition. If anything of a term cannot be committed, all terms of this process are over and what
 * it thought is forgotten: it stands for the offices again.
 */
final class KeeperOffice implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KeeperOffice.class);

    private static final String OFFICE = "millrace.queue-keeper";
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
    private static final Duration COUNT_EVERY = Duration.ofSeconds(5);
    private static final int LOOKS_AT_ONCE_MAX = 4_096;

    /** About what a keeper remembers of a record that is in flight. */
    private static final int UNSETTLED_BYTES = 400;

    private static final int UNSETTLED_MIN = 5_000;

    private final KafkaClients clients;
    private final Supplier<ShardMap> map;
    private final ShardLooks shards;
    private final InstantSource clock;
    private final Thread thread = Thread.ofPlatform().name("queue-keeper").unstarted(this::run);
    private final Semaphore looksAtOnce = new Semaphore(LOOKS_AT_ONCE_MAX);
    private final Map<Integer, KeeperTerm> terms = new TreeMap<>();
    private volatile boolean stopping;
    private volatile List<QueueStanding> standings = List.of();
    // The thread's own.
    private Instant countedAt = Instant.MIN;

    KeeperOffice(
            KafkaClients clients, Supplier<ShardMap> map, ShardLooks shards, InstantSource clock) {
        this.clients = clients;
        this.map = map;
        this.shards = shards;
        this.clock = clock;
    }

    void start() {
        thread.start();
    }

    /** How the queues that are kept here stood when they were counted last. */
    List<QueueStanding> standings() {
        return standings;
    }

    /** Hands the offices over, so that other gateways take them at once. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopping) {
            try (KafkaConsumer<byte[], byte[]> inbox = clients.officeConsumer(OFFICE);
                    Looks looks = new Looks(inbox)) {
                inbox.subscribe(List.of(QueueTopics.INBOX), new EndsTerms());
                while (!stopping) {
                    step(inbox, looks);
                }
            } catch (InterruptException _) {
                return;
            } catch (RuntimeException e) {
                // Whatever it is, somebody has to keep the queues, if only this process.
                log.warn("The terms of the queues' keepers are over", e);
                pause();
            } finally {
                terms.values().forEach(KeeperTerm::close);
                terms.clear();
                standings = List.of();
            }
        }
    }

    private void step(KafkaConsumer<byte[], byte[]> inbox, Looks looks) {
        ConsumerRecords<byte[], byte[]> messages;
        try {
            messages = inbox.poll(POLL);
        } catch (WakeupException _) {
            messages = ConsumerRecords.empty();
        }
        for (TopicPartition partition : inbox.assignment()) {
            terms.computeIfAbsent(partition.partition(), this::begin);
        }
        for (ConsumerRecord<byte[], byte[]> message : messages) {
            KeeperTerm term = terms.get(message.partition());
            if (term != null) {
                term.take(message);
            }
        }
        looks.taken()
                .forEach(taken -> {
                    KeeperTerm term = terms.get(QueueTopics.partitionOf(taken.look().queue()));
                    // One of a term that is over is about nothing that this one waits for.
                    if (term == taken.term()) {
                        term.taken(taken.look(), taken.found());
                    }
                });
        for (KeeperTerm term : terms.values()) {
            term.tick();
            term.commit(inbox.groupMetadata()).forEach(look -> looks.take(term, look));
        }
        count();
    }

    private void count() {
        Instant now = clock.instant();
        if (countedAt.equals(Instant.MIN) || !countedAt.plus(COUNT_EVERY).isAfter(now)) {
            countedAt = now;
            standings = terms.values().stream().flatMap(term -> term.standings().stream()).toList();
        }
    }

    private KeeperTerm begin(int partition) {
        KeeperTerm term =
                new KeeperTerm(
                        partition,
                        clients.officeProducer(OFFICE + "-" + partition),
                        new QueueKeeper(unsettledMax()),
                        map,
                        clock);
        try {
            term.begin(clients);
        } catch (RuntimeException e) {
            term.close();
            throw e;
        }
        return term;
    }

    /** An eighth of the heap for what is in flight, of all partitions together. */
    private static int unsettledMax() {
        long bytes = Runtime.getRuntime().maxMemory() / 8 / QueueTopics.PARTITIONS;
        return Math.clamp(bytes / UNSETTLED_BYTES, UNSETTLED_MIN, Integer.MAX_VALUE);
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException _) {
            stopping = true;
            Thread.currentThread().interrupt();
        }
    }

    /** What is given to another member is kept here no more. */
    private final class EndsTerms implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) {
                KeeperTerm term = terms.remove(partition.partition());
                if (term != null) {
                    term.close();
                }
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            // Terms begin with the next step.
        }
    }

    private record Taken(KeeperTerm term, ShardLook look, Optional<Found> found) {}

    /** Looks into shards, each in a thread of its own; the keeper's thread gets what they found. */
    private final class Looks implements AutoCloseable {
        private final KafkaConsumer<byte[], byte[]> inbox;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final BlockingQueue<Taken> taken = new LinkedBlockingQueue<>();

        Looks(KafkaConsumer<byte[], byte[]> inbox) {
            this.inbox = inbox;
        }

        void take(KeeperTerm term, ShardLook look) {
            threads.execute(() -> {
                Optional<Found> found = look(look);
                taken.add(new Taken(term, look, found));
                // The keeper need not know at once that there is nothing new.
                if (found.filter(some -> !some.records().isEmpty()).isPresent()) {
                    inbox.wakeup();
                }
            });
        }

        private Optional<Found> look(ShardLook look) {
            try {
                looksAtOnce.acquire();
                try {
                    return shards.take(look);
                } finally {
                    looksAtOnce.release();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            } catch (RuntimeException e) {
                log.debug("{} failed and is taken again", look, e);
                return Optional.empty();
            }
        }

        List<Taken> taken() {
            List<Taken> all = new ArrayList<>();
            taken.drainTo(all);
            return all;
        }

        @Override
        public void close() {
            threads.shutdownNow();
        }
    }
}
