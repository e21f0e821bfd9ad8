/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import dev.millrace.broker.volume.TopicStorage;
import dev.millrace.broker.volume.Volume;
import dev.millrace.broker.volume.VolumeWatch;
import dev.millrace.broker.wire.UnavailableException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Asks Kafka itself. */
public final class KafkaBrokerHealth implements BrokerHealth {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Admin admin;
    private final VolumeWatch volumes;

    public KafkaBrokerHealth(Admin admin, VolumeWatch volumes) {
        this.admin = admin;
        this.volumes = volumes;
    }

    @Override
    public Report report() throws InterruptedException {
        int controller = get(admin.describeMetadataQuorum().quorumInfo()).leaderId();
        List<Broker> brokers =
                get(admin.describeCluster().nodes()).stream()
                        .map(node ->
                                new Broker(
                                        node.id(),
                                        node.host(),
                                        node.id() == controller,
                                        volumeOf(node.id())))
                        .sorted((a, b) -> Integer.compare(a.nodeId(), b.nodeId()))
                        .toList();
        Collection<String> topics =
                get(admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        long underReplicated = 0;
        for (KafkaFuture<TopicDescription> topic :
                admin.describeTopics(topics).topicNameValues().values()) {
            underReplicated +=
                    partitionsOf(topic).stream()
                            .filter(one -> one.isr().size() < one.replicas().size())
                            .count();
        }
        return new Report(brokers, (int) underReplicated);
    }

    /** None of a topic that was deleted since topics were listed. */
    private static List<TopicPartitionInfo> partitionsOf(KafkaFuture<TopicDescription> topic)
            throws InterruptedException {
        try {
            return get(topic).partitions();
        } catch (UnavailableException e) {
            if (e.getCause() instanceof ExecutionException
                    && e.getCause().getCause() instanceof UnknownTopicOrPartitionException) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public Optional<TopicStorage> storageOf(String topic) {
        return volumes.topic(topic);
    }

    private Optional<Volume> volumeOf(int broker) {
        return volumes.volumes().stream().filter(volume -> volume.broker() == broker).findFirst();
    }

    private static <T> T get(KafkaFuture<T> future) throws InterruptedException {
        try {
            return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new UnavailableException("Cannot ask Kafka for its health", e);
        }
    }
}
