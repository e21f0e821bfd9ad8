/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queuekeeper;

import dev.millrace.broker.shardmap.KafkaClients;
import dev.millrace.shard.queue.QueueReply;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands the keepers' replies to those on this gateway who wait for them. */
final class QueueReplies implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(QueueReplies.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

    private final KafkaClients clients;
    private final String gateway;
    private final Map<String, CompletableFuture<QueueReply>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> following = new CompletableFuture<>();
    private final Thread thread = Thread.ofPlatform().name("queue-replies").unstarted(this::run);
    private volatile boolean stopping;

    /**
     * @param gateway whose replies are wanted
     */
    QueueReplies(KafkaClients clients, String gateway) {
        this.clients = clients;
        this.gateway = gateway;
    }

    void start() {
        thread.start();
    }

    /** Completes once no reply to an ask from then on is missed. */
    CompletableFuture<Void> following() {
        return following;
    }

    /** The reply to an ask, when it comes; the same future for the same ask. */
    CompletableFuture<QueueReply> replyTo(String askId) {
        return waiting.computeIfAbsent(askId, _ -> new CompletableFuture<>());
    }

    /** Nobody waits for the reply any more. */
    void forget(String askId) {
        waiting.remove(askId);
    }

    boolean isStarted() {
        return thread.getState() != Thread.State.NEW;
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopping) {
            try (KafkaConsumer<byte[], byte[]> consumer = clients.follower()) {
                consumer.assign(QueueTopics.replies());
                consumer.seekToEnd(QueueTopics.replies());
                for (TopicPartition partition : QueueTopics.replies()) {
                    consumer.position(partition);
                }
                following.complete(null);
                while (!stopping) {
                    consumer.poll(POLL).forEach(this::take);
                }
            } catch (InterruptException _) {
                return;
            } catch (RuntimeException e) {
                log.warn("Replies of the queues' keepers cannot be read, and are read on", e);
                pause();
            }
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        QueueCodec.decodeReply(record.value())
                .filter(reply -> reply.gateway().equals(gateway))
                .ifPresent(reply -> {
                    CompletableFuture<QueueReply> future = waiting.get(reply.askId());
                    if (future != null) {
                        future.complete(reply);
                    }
                });
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException _) {
            stopping = true;
            Thread.currentThread().interrupt();
        }
    }
}
