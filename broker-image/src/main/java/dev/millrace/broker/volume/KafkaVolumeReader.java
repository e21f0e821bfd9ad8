/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeLogDirsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;

/** Asks the brokers for their log directories. */
public final class KafkaVolumeReader implements VolumeReader {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Admin admin;

    public KafkaVolumeReader(Admin admin) {
        this.admin = admin;
    }

    @Override
    public VolumeReading read() throws InterruptedException {
        List<Integer> brokers =
                get(admin.describeCluster().nodes())
                        .map(nodes -> nodes.stream().map(Node::id).toList())
                        .orElse(List.of());
        Map<Integer, KafkaFuture<Map<String, LogDirDescription>>> asked =
                admin.describeLogDirs(
                                brokers,
                                new DescribeLogDirsOptions().timeoutMs((int) TIMEOUT.toMillis()))
                        .descriptions();
        List<Volume> volumes = new ArrayList<>();
        Map<TopicPartition, List<Long>> sizes = new HashMap<>();
        for (Map.Entry<Integer, KafkaFuture<Map<String, LogDirDescription>>> answer :
                asked.entrySet()) {
            int broker = answer.getKey();
            for (LogDirDescription directory : get(answer.getValue()).orElse(Map.of()).values()) {
                if (directory.totalBytes().isPresent() && directory.usableBytes().isPresent()) {
                    volumes.add(
                            new Volume(
                                    broker,
                                    directory.totalBytes().getAsLong(),
                                    directory.usableBytes().getAsLong()));
                }
                directory
                        .replicaInfos()
                        .forEach((partition, replica) ->
                                sizes.computeIfAbsent(partition, _ -> new ArrayList<>())
                                        .add(replica.size()));
            }
        }
        volumes.sort(Comparator.comparingInt(Volume::broker));
        return new VolumeReading(volumes, sizes);
    }

    /** What cannot be had now is not known: others may be. */
    private static <T> Optional<T> get(KafkaFuture<T> future) throws InterruptedException {
        try {
            return Optional.of(future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException _) {
            return Optional.empty();
        }
    }
}
