/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions that are open in a partition and that no coordinator knows. A machine that
 * loses its power can lose the coordinator's last records and keep the partition's; then nobody
 * would ever end the transaction, and who reads what is committed, the shard map's writer among
 * them, would wait for it for ever. Such a one is seen twice, some time apart, before it is ended,
 * so that none is taken for it that has just begun.
 *
 * @see <a href="https://cwiki.apache.org/confluence/display/KAFKA/KIP-664">KIP-664: tooling to
 *     detect and abort hanging transactions</a>
 */
final class HangingTransactions implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HangingTransactions.class);

    /** They come from a crash, so they are looked for often after a start, and seldom later. */
    private static final Duration OFTEN = Duration.ofSeconds(5);

    private static final int OFTEN_COUNT = 12;
    private static final Duration SELDOM = Duration.ofMinutes(10);
    private static final Duration KAFKA_WAIT = Duration.ofSeconds(30);
    private static final int PARTITIONS_AT_ONCE = 1_000;

    private final Admin admin;
    private final Thread thread;
    private Set<Open> suspects = new HashSet<>();

    /** A transaction that is open in a partition. */
    private record Open(TopicPartition partition, long producerId, long startOffset) {}

    HangingTransactions(Admin admin) {
        this.admin = admin;
        this.thread =
                Thread.ofPlatform().name("hanging-transactions").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            for (int pass = 0; !Thread.currentThread().isInterrupted(); pass++) {
                try {
                    look();
                } catch (ExecutionException | TimeoutException | RuntimeException e) {
                    log.info("Open transactions could not be looked at: {}", e.toString());
                }
                Thread.sleep(pass < OFTEN_COUNT ? OFTEN : SELDOM);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** One look; ends what was suspected by the last one, and is still there. */
    private void look() throws InterruptedException, ExecutionException, TimeoutException {
        Map<Open, ProducerState> open = open();
        Set<Open> unknown = new HashSet<>(open.keySet());
        if (!unknown.isEmpty()) {
            unknown.removeAll(known(unknown));
        }
        for (Open transaction : unknown) {
            ProducerState state = open.get(transaction);
            if (state != null && suspects.contains(transaction)) {
                end(transaction, state);
            }
        }
        suspects = unknown;
    }

    private Map<Open, ProducerState> open()
            throws InterruptedException, ExecutionException, TimeoutException {
        Set<String> topics =
                await(admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        List<TopicPartition> partitions = new ArrayList<>();
        await(admin.describeTopics(topics).allTopicNames())
                .forEach((name, topic) ->
                        topic.partitions()
                                .forEach(partition ->
                                        partitions.add(
                                                new TopicPartition(name, partition.partition()))));
        Map<Open, ProducerState> open = new HashMap<>();
        for (int from = 0; from < partitions.size(); from += PARTITIONS_AT_ONCE) {
            List<TopicPartition> some =
                    partitions.subList(
                            from, Math.min(partitions.size(), from + PARTITIONS_AT_ONCE));
            await(admin.describeProducers(some).all())
                    .forEach((partition, producers) ->
                            producers
                                    .activeProducers()
                                    .forEach(producer ->
                                            producer.currentTransactionStartOffset()
                                                    .ifPresent(offset ->
                                                            open.put(
                                                                    new Open(
                                                                            partition,
                                                                            producer.producerId(),
                                                                            offset),
                                                                    producer))));
        }
        return open;
    }

    /** Those that a coordinator will end, sooner or later. */
    private Set<Open> known(Collection<Open> open)
            throws InterruptedException, ExecutionException, TimeoutException {
        Set<String> inProgress = new HashSet<>();
        for (TransactionListing transaction : await(admin.listTransactions().all())) {
            if (isInProgress(transaction.state())) {
                inProgress.add(transaction.transactionalId());
            }
        }
        Set<Open> known = new HashSet<>();
        if (inProgress.isEmpty()) {
            return known;
        }
        for (TransactionDescription transaction :
                await(admin.describeTransactions(inProgress).all()).values()) {
            for (Open candidate : open) {
                if (candidate.producerId() == transaction.producerId()
                        && transaction.topicPartitions().contains(candidate.partition())) {
                    known.add(candidate);
                }
            }
        }
        return known;
    }

    private static boolean isInProgress(TransactionState state) {
        return state != TransactionState.EMPTY
                && state != TransactionState.COMPLETE_COMMIT
                && state != TransactionState.COMPLETE_ABORT;
    }

    private void end(Open transaction, ProducerState producer)
            throws InterruptedException, ExecutionException, TimeoutException {
        log.warn(
                "A transaction in {} from offset {} on belongs to nobody any more; it is aborted",
                transaction.partition(),
                transaction.startOffset());
        await(
                admin.abortTransaction(
                                new AbortTransactionSpec(
                                        transaction.partition(),
                                        producer.producerId(),
                                        (short) producer.producerEpoch(),
                                        Math.max(0, producer.coordinatorEpoch().orElse(0))))
                        .all());
    }

    private static <T> T await(KafkaFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(KAFKA_WAIT.toSeconds(), TimeUnit.SECONDS);
    }
}
