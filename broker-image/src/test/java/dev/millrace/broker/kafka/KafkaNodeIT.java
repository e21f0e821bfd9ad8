/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KafkaNodeIT {

    @Test
    void keepsTopicsOverARestart(@TempDir Path data) throws Exception {
        String clusterId = Uuid.randomUuid().toString();
        try (KafkaNode node = new KafkaNode(NodeSettings.alone(data, "127.0.0.1", 0, clusterId))) {
            node.start();
            assertThat(node.isRunning()).isTrue();
            try (Admin admin = admin(node)) {
                admin.createTopics(List.of(new NewTopic("orders", 3, (short) 1)))
                        .all()
                        .get(30, TimeUnit.SECONDS);
            }
            assertThat(node.isCaughtUp()).isTrue();
        }
        try (KafkaNode node = new KafkaNode(NodeSettings.alone(data, "127.0.0.1", 0, "other"))) {
            node.start();
            try (Admin admin = admin(node)) {
                assertThat(admin.listTopics().names().get(30, TimeUnit.SECONDS))
                        .containsExactly("orders");
                assertThat(admin.describeCluster().clusterId().get(30, TimeUnit.SECONDS))
                        .isEqualTo(clusterId);
            }
        }
    }

    private static Admin admin(KafkaNode node) {
        return Admin.create(Map.of("bootstrap.servers", node.bootstrapServers()));
    }
}
