/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.output;

import dev.millrace.analytics.progress.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

/** Where an application's progress lies: a compacted topic of its own with one record. */
public final class ProgressLog {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration KAFKA_WAIT = Duration.ofSeconds(30);

    private final TopicPartition partition;

    /**
     * @param applicationId names the application, whatever its version
     */
    public ProgressLog(String applicationId) {
        this.partition = new TopicPartition("millrace.analytics." + applicationId, 0);
    }

    public TopicPartition partition() {
        return partition;
    }

    /** Makes the topic if it is not there. */
    public void create(Admin admin) throws InterruptedException, TimeoutException {
        NewTopic topic =
                new NewTopic(partition.topic(), Optional.of(1), Optional.empty())
                        .configs(
                                Map.of(
                                        "cleanup.policy", "compact",
                                        "max.message.bytes", "8388608",
                                        "segment.ms", "3600000"));
        try {
            admin.createTopics(List.of(topic)).all().get(KAFKA_WAIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IllegalStateException(
                        "The topic " + partition.topic() + " cannot be made: " + e.getCause(), e);
            }
        }
    }

    /**
     * The last progress that was committed. To be read after earlier writers were ended.
     *
     * @param consumer reads committed records; it is left without partitions
     */
    public Optional<Progress> read(Consumer<byte[], byte[]> consumer) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition), KAFKA_WAIT).getOrDefault(partition, 0L);
        byte[] last = null;
        while (consumer.position(partition, KAFKA_WAIT) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                last = record.value();
            }
        }
        consumer.assign(List.of());
        return Optional.ofNullable(last).map(Progress::decode);
    }
}
