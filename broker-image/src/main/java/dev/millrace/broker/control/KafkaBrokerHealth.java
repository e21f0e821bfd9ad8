/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;

/** Asks Kafka itself. */
public final class KafkaBrokerHealth implements BrokerHealth {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Admin admin;

    public KafkaBrokerHealth(Admin admin) {
        this.admin = admin;
    }

    @Override
    public Report report() throws InterruptedException {
        List<Broker> brokers =
                get(admin.describeCluster().nodes()).stream()
                        .map(node -> new Broker(node.id(), node.host()))
                        .sorted((a, b) -> Integer.compare(a.nodeId(), b.nodeId()))
                        .toList();
        Collection<String> topics =
                get(admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        long underReplicated =
                get(admin.describeTopics(topics).allTopicNames()).values().stream()
                        .map(TopicDescription::partitions)
                        .flatMap(List::stream)
                        .filter(partition -> partition.isr().size() < partition.replicas().size())
                        .count();
        return new Report(brokers, (int) underReplicated);
    }

    private static <T> T get(KafkaFuture<T> future) throws InterruptedException {
        try {
            return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Cannot ask Kafka for its health", e);
        }
    }
}
