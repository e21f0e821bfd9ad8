/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queuekeeper;

import dev.millrace.broker.queue.QueueKeepers;
import dev.millrace.broker.record.ShardLooks;
import dev.millrace.broker.shardmap.KafkaClients;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.queue.QueueAsk;
import dev.millrace.shard.queue.QueueReply;
import dev.millrace.shard.queue.QueueStanding;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The queues of a pool as one gateway has them: stands for the keepers' offices, and asks the
 * keepers, wherever they are. Nothing of it runs before the first ask, so that a pool without
 * queues pays nothing for them.
 */
public final class KafkaQueueKeepers implements QueueKeepers {

    private static final Duration TOPICS_WITHIN = Duration.ofSeconds(15);
    private static final Duration FOLLOWING_WITHIN = Duration.ofSeconds(10);

    private final KafkaClients clients;
    private final int replication;
    private final String gateway;
    private final QueueReplies replies;
    private final KeeperOffice office;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock, both.
    private Optional<KafkaProducer<byte[], byte[]>> inbox = Optional.empty();
    private boolean closed;

    /**
     * @param replication how many replicas each topic gets
     * @param gatewayName what this process is called; an id is added
     */
    public record Settings(String bootstrapServers, int replication, String gatewayName) {}

    public KafkaQueueKeepers(
            Settings settings,
            Supplier<ShardMap> map,
            ShardLooks shards,
            InstantSource clock,
            RandomGenerator random) {
        this.clients = new KafkaClients(settings.bootstrapServers());
        this.replication = settings.replication();
        this.gateway = settings.gatewayName() + "." + Long.toString(random.nextLong() >>> 1, 36);
        this.replies = new QueueReplies(clients, gateway);
        this.office = new KeeperOffice(clients, map, shards, clock);
    }

    @Override
    public String gateway() {
        return gateway;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the callback tells
    public CompletableFuture<QueueReply> ask(QueueAsk ask) {
        KafkaProducer<byte[], byte[]> producer;
        try {
            producer = started();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CompletableFuture.failedFuture(e);
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<QueueReply> reply = replies.replyTo(ask.id());
        producer.send(
                new ProducerRecord<>(
                        QueueTopics.INBOX,
                        QueueTopics.partitionOf(ask.queue()),
                        null,
                        QueueCodec.encode(ask)),
                (_, failure) -> {
                    if (failure != null) {
                        reply.completeExceptionally(failure);
                    }
                });
        return reply;
    }

    @Override
    public void forget(String askId) {
        replies.forget(askId);
    }

    @Override
    public List<QueueStanding> standings() {
        return office.standings();
    }

    private KafkaProducer<byte[], byte[]> started() throws Exception {
        lock.lockInterruptibly();
        try {
            if (closed) {
                throw new IllegalStateException("The gateway stops");
            }
            if (inbox.isEmpty()) {
                inbox = Optional.of(start());
            }
            return inbox.get();
        } finally {
            lock.unlock();
        }
    }

    private KafkaProducer<byte[], byte[]> start() throws Exception {
        try (Admin admin = clients.admin()) {
            QueueTopics.ensure(admin, replication, TOPICS_WITHIN);
        }
        if (!replies.isStarted()) {
            replies.start();
            office.start();
        }
        replies.following().get(FOLLOWING_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        return clients.inboxProducer();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (replies.isStarted()) {
                office.close();
                replies.close();
            }
            inbox.ifPresent(producer -> producer.close(Duration.ofSeconds(5)));
            inbox = Optional.empty();
        } finally {
            lock.unlock();
        }
    }
}
