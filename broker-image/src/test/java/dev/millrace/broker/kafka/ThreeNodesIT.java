/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A quorum of three: one node may go and come back. */
@Timeout(180)
class ThreeNodesIT {

    private static final String CLUSTER = Uuid.randomUuid().toString();

    @Test
    void oneNodeMayRestart(@TempDir Path data) throws Exception {
        List<NodeSettings> settings = settings(data);
        List<KafkaNode> nodes = new ArrayList<>(startTogether(settings));
        try {
            String bootstrap =
                    nodes.stream()
                            .map(KafkaNode::bootstrapServers)
                            .collect(Collectors.joining(","));
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
                    KafkaProducer<String, String> producer =
                            new KafkaProducer<>(
                                    Map.of("bootstrap.servers", bootstrap, "acks", "all"),
                                    new StringSerializer(),
                                    new StringSerializer())) {
                admin.createTopics(
                                List.of(
                                        new NewTopic("orders", 6, (short) 3)
                                                .configs(Map.of("min.insync.replicas", "2"))))
                        .all()
                        .get(30, TimeUnit.SECONDS);
                put(producer, 0, 50);

                nodes.get(2).close();
                put(producer, 50, 50);
                await(() -> nodes.get(0).underReplicatedPartitions() > 0);

                KafkaNode again = new KafkaNode(settings.get(2));
                nodes.set(2, again);
                again.start();
                await(again::isCaughtUp);
                put(producer, 100, 50);
                await(() -> nodes.stream().allMatch(n -> n.underReplicatedPartitions() == 0));
            }
        } finally {
            nodes.forEach(KafkaNode::close);
        }
    }

    private static void put(KafkaProducer<String, String> producer, int first, int count)
            throws Exception {
        for (int i = first; i < first + count; i++) {
            producer.send(new ProducerRecord<>("orders", "key-" + i, "value"))
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(condition);
    }

    private static List<KafkaNode> startTogether(List<NodeSettings> settings) throws Exception {
        try (ExecutorService starters = Executors.newThreadPerTaskExecutor(Thread::new)) {
            List<Future<KafkaNode>> starting = new ArrayList<>();
            for (NodeSettings each : settings) {
                starting.add(
                        starters.submit(() -> {
                            KafkaNode node = new KafkaNode(each);
                            node.start();
                            return node;
                        }));
            }
            List<KafkaNode> nodes = new ArrayList<>();
            for (Future<KafkaNode> each : starting) {
                nodes.add(each.get(90, TimeUnit.SECONDS));
            }
            assertThat(nodes).allMatch(KafkaNode::isRunning);
            return nodes;
        }
    }

    private static List<NodeSettings> settings(Path data) throws IOException {
        List<Integer> ports = freePorts(6);
        String voters =
                IntStream.range(0, 3)
                        .mapToObj(i -> i + "@127.0.0.1:" + ports.get(i))
                        .collect(Collectors.joining(","));
        return IntStream.range(0, 3)
                .mapToObj(i ->
                        new NodeSettings(
                                i,
                                CLUSTER,
                                data.resolve("node-" + i),
                                Optional.of(voters),
                                true,
                                "127.0.0.1",
                                new NodeSettings.Endpoint("127.0.0.1", ports.get(3 + i)),
                                ports.get(i),
                                3,
                                3,
                                Map.of()))
                .toList();
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0));
        }
        List<Integer> ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }
}
