/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queuekeeper;

import dev.millrace.broker.shardmap.KafkaClients;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.queue.Found;
import dev.millrace.shard.queue.QueueAsk;
import dev.millrace.shard.queue.QueueKeeper;
import dev.millrace.shard.queue.QueueReply;
import dev.millrace.shard.queue.QueueStanding;
import dev.millrace.shard.queue.ShardLook;
import dev.millrace.shard.queue.Turn;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One time as the keeper of a partition's queues. It begins by starting the partition's one
 * transactional producer, which fences the keeper before, and by reading the log to its end. What a
 * batch of asks leads to, the replies and the place in the inbox go out in one Kafka transaction.
 * For one thread.
 */
final class KeeperTerm implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KeeperTerm.class);
    private static final Duration REPLAY_POLL = Duration.ofMillis(100);

    /** Who asked for records gives up this long after the time that it was ready to wait. */
    private static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(5);

    private final int partition;
    private final Producer<byte[], byte[]> producer;
    private final QueueKeeper keeper;
    private final Supplier<ShardMap> map;
    private final InstantSource clock;
    private final List<Turn> uncommitted = new ArrayList<>();
    private OptionalLong inboxNext = OptionalLong.empty();

    KeeperTerm(
            int partition,
            Producer<byte[], byte[]> producer,
            QueueKeeper keeper,
            Supplier<ShardMap> map,
            InstantSource clock) {
        this.partition = partition;
        this.producer = producer;
        this.keeper = keeper;
        this.map = map;
        this.clock = clock;
    }

    void begin(KafkaClients clients) {
        producer.initTransactions();
        TopicPartition ofLog = new TopicPartition(QueueTopics.LOG, partition);
        int records = 0;
        try (KafkaConsumer<byte[], byte[]> reader = clients.follower()) {
            reader.assign(List.of(ofLog));
            reader.seekToBeginning(List.of(ofLog));
            long end = reader.endOffsets(List.of(ofLog)).getOrDefault(ofLog, 0L);
            while (reader.position(ofLog) < end) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(REPLAY_POLL)) {
                    QueueCodec.decode(record.key(), record.value()).ifPresent(keeper::replay);
                    records++;
                }
            }
        }
        log.info(
                "This gateway keeps the queues of partition {} now: {} records",
                partition,
                records);
    }

    void take(ConsumerRecord<byte[], byte[]> message) {
        inboxNext = OptionalLong.of(message.offset() + 1);
        Optional<QueueAsk> ask = QueueCodec.decodeAsk(message.value());
        if (ask.isEmpty() || isGivenUp(ask.get(), message.timestamp())) {
            return;
        }
        try {
            uncommitted.add(keeper.ask(ask.get(), map.get(), clock.instant()));
        } catch (RuntimeException e) {
            log.error("{} cannot be decided and is passed over", ask.get(), e);
        }
    }

    /** Records that nobody waits for any more would only be invisible for a while. */
    private boolean isGivenUp(QueueAsk ask, long askedAtMillis) {
        return ask instanceof QueueAsk.Receive receive
                && askedAtMillis + receive.waitMillis() + GIVEN_UP_AFTER.toMillis()
                        < clock.millis();
    }

    void taken(ShardLook look, Optional<Found> found) {
        if (found.isPresent()) {
            uncommitted.add(keeper.found(look, found.get(), map.get(), clock.instant()));
        } else {
            keeper.notFound(look, clock.instant());
        }
    }

    void tick() {
        uncommitted.add(keeper.tick(map.get(), clock.instant()));
    }

    List<QueueStanding> standings() {
        return keeper.standings(map.get(), clock.instant());
    }

    /**
     * Commits what was decided since the last time.
     *
     * @return the looks to take now
     */
    List<ShardLook> commit(ConsumerGroupMetadata group) {
        List<Turn> turns = uncommitted.stream().filter(turn -> !turn.isEmpty()).toList();
        uncommitted.clear();
        boolean writes =
                turns.stream()
                        .anyMatch(turn -> !turn.records().isEmpty() || !turn.replies().isEmpty());
        if (writes) {
            producer.beginTransaction();
            turns.forEach(this::send);
            if (inboxNext.isPresent()) {
                producer.sendOffsetsToTransaction(
                        Map.of(
                                new TopicPartition(QueueTopics.INBOX, partition),
                                new OffsetAndMetadata(inboxNext.getAsLong())),
                        group);
            }
            producer.commitTransaction();
        }
        return turns.stream().flatMap(turn -> turn.looks().stream()).toList();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the commit fails if one of them does
    private void send(Turn turn) {
        turn.records().forEach(record -> producer.send(QueueCodec.encode(record)));
        for (QueueReply reply : turn.replies()) {
            producer.send(
                    new ProducerRecord<>(
                            QueueTopics.REPLIES, partition, null, QueueCodec.encode(reply)));
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
    }
}
