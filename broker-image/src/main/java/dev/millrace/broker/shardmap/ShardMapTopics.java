/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import dev.millrace.shard.log.ShardMapLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the two topics of the shard map: its log, and the inbox of its writer. One partition each.
 */
final class ShardMapTopics {

    /** What gateways send to the writer: heartbeats, acknowledgements, commands. */
    static final TopicPartition INBOX = new TopicPartition("millrace.inbox", 0);

    private static final Logger log = LoggerFactory.getLogger(ShardMapTopics.class);
    private static final Duration RETRY_EVERY = Duration.ofMillis(250);

    private ShardMapTopics() {}

    /**
     * Makes the topics where they are missing; brokers that are still starting are waited for.
     *
     * @throws IllegalStateException if that takes longer than the time given
     */
    static void ensure(Admin admin, int replication, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        List<NewTopic> topics =
                List.of(
                        new NewTopic(ShardMapLog.PARTITION.topic(), 1, (short) replication)
                                .configs(
                                        Map.of(
                                                TopicConfig.CLEANUP_POLICY_CONFIG,
                                                TopicConfig.CLEANUP_POLICY_COMPACT,
                                                TopicConfig.SEGMENT_BYTES_CONFIG,
                                                String.valueOf(8 << 20),
                                                TopicConfig.SEGMENT_MS_CONFIG,
                                                String.valueOf(Duration.ofHours(1).toMillis()),
                                                TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
                                                "0.3")),
                        new NewTopic(INBOX.topic(), 1, (short) replication)
                                .configs(
                                        Map.of(
                                                TopicConfig.RETENTION_MS_CONFIG,
                                                        String.valueOf(
                                                                Duration.ofHours(1).toMillis()),
                                                TopicConfig.SEGMENT_BYTES_CONFIG,
                                                        String.valueOf(8 << 20),
                                                TopicConfig.SEGMENT_MS_CONFIG,
                                                        String.valueOf(
                                                                Duration.ofHours(1).toMillis()))));
        for (NewTopic topic : topics) {
            while (!create(admin, topic)) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "Topic %s cannot be made: the brokers did not take it within %s"
                                    .formatted(topic.name(), atMost));
                }
                Thread.sleep(RETRY_EVERY);
            }
        }
    }

    private static boolean create(Admin admin, NewTopic topic) throws InterruptedException {
        try {
            admin.createTopics(List.of(topic)).all().get(10, TimeUnit.SECONDS);
            log.info("Made topic {}", topic.name());
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return true;
            }
            if (e.getCause() instanceof RetriableException
                    || e.getCause()
                            instanceof
                            org.apache.kafka.common.errors.InvalidReplicationFactorException) {
                log.debug(
                        "Topic {} cannot be made yet: {}", topic.name(), e.getCause().getMessage());
                return false;
            }
            throw new IllegalStateException("Cannot make topic " + topic.name(), e.getCause());
        } catch (TimeoutException _) {
            return false;
        }
    }
}
