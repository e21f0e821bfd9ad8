/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queuekeeper;

import dev.millrace.broker.shardmap.InternalTopics;
import dev.millrace.shard.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The topics of the queues. A queue has the same partition in each of them: that of the log holds
 * how its records stand, that of the inbox what its keeper is asked, that of the replies what it
 * answers.
 */
final class QueueTopics {

    static final String LOG = "millrace.queues";
    static final String INBOX = "millrace.queue-inbox";
    static final String REPLIES = "millrace.queue-replies";

    /** So many gateways can share the queues of a pool. */
    static final int PARTITIONS = 4;

    private static final Duration ASKS_KEPT = Duration.ofHours(1);

    private QueueTopics() {}

    static int partitionOf(QueueId queue) {
        return Math.floorMod(queue.value().hashCode(), PARTITIONS);
    }

    static List<TopicPartition> replies() {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition(REPLIES, partition))
                .toList();
    }

    /** Makes the topics where they are missing. */
    static void ensure(Admin admin, int replication, Duration atMost) throws InterruptedException {
        Map<String, String> compacted =
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.SEGMENT_BYTES_CONFIG,
                        String.valueOf(16 << 20),
                        TopicConfig.SEGMENT_MS_CONFIG,
                        String.valueOf(Duration.ofHours(1).toMillis()),
                        TopicConfig.DELETE_RETENTION_MS_CONFIG,
                        String.valueOf(Duration.ofHours(1).toMillis()),
                        TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
                        "0.3");
        Map<String, String> brief =
                Map.of(
                        TopicConfig.RETENTION_MS_CONFIG,
                        String.valueOf(ASKS_KEPT.toMillis()),
                        TopicConfig.SEGMENT_BYTES_CONFIG,
                        String.valueOf(8 << 20),
                        TopicConfig.SEGMENT_MS_CONFIG,
                        String.valueOf(ASKS_KEPT.toMillis()));
        InternalTopics.ensure(
                admin,
                List.of(
                        new NewTopic(LOG, PARTITIONS, (short) replication).configs(compacted),
                        new NewTopic(INBOX, PARTITIONS, (short) replication).configs(brief),
                        new NewTopic(REPLIES, PARTITIONS, (short) replication).configs(brief)),
                atMost);
    }
}
