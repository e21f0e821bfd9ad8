/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import dev.millrace.shard.log.ShardMapLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;

/**
 * Makes the topics of one partition that gateways share: the shard map's log, the inbox of its
 * writer, and where they lend each other parts of limits.
 */
final class ShardMapTopics {

    /** What gateways send to the writer: heartbeats, acknowledgements, commands. */
    static final TopicPartition INBOX = new TopicPartition("millrace.inbox", 0);

    private ShardMapTopics() {}

    /**
     * Makes the topics where they are missing; brokers that are still starting are waited for.
     *
     * @throws IllegalStateException if that takes longer than the time given
     */
    static void ensure(Admin admin, int replication, Duration atMost) throws InterruptedException {
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
                                                                Duration.ofHours(1).toMillis()))),
                        new NewTopic(KafkaShardMap.SHARES.topic(), 1, (short) replication)
                                .configs(
                                        Map.of(
                                                TopicConfig.RETENTION_MS_CONFIG,
                                                        String.valueOf(
                                                                Duration.ofMinutes(10).toMillis()),
                                                TopicConfig.SEGMENT_BYTES_CONFIG,
                                                        String.valueOf(8 << 20),
                                                TopicConfig.SEGMENT_MS_CONFIG,
                                                        String.valueOf(
                                                                Duration.ofMinutes(10)
                                                                        .toMillis()))));
        InternalTopics.ensure(admin, topics, atMost);
    }
}
