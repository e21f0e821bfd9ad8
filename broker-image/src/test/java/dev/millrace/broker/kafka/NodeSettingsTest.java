/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.broker.env.Environment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class NodeSettingsTest {

    private static final Map<String, String> POD =
            Map.of(
                    "POD_NAME", "default-broker-2",
                    "MILLRACE_HEADLESS_SERVICE", "default-brokers.shop.svc",
                    "MILLRACE_REPLICAS", "5",
                    "MILLRACE_CONTROLLERS", "3",
                    "MILLRACE_REPLICATION", "3",
                    "MILLRACE_CLUSTER_ID", "cluster",
                    "MILLRACE_DATA_DIR", "/data");

    @Test
    void namesItselfAndItsVotersByThePodsOrdinal() {
        NodeSettings settings = NodeSettings.of(new Environment(POD));

        assertThat(settings.nodeId()).isEqualTo(2);
        assertThat(settings.controller()).isTrue();
        assertThat(settings.dataDir()).isEqualTo(Path.of("/data"));
        assertThat(settings.broker()).hasToString("default-broker-2.default-brokers.shop.svc:9092");
        assertThat(settings.voters())
                .contains(
                        "0@default-broker-0.default-brokers.shop.svc:9093,"
                                + "1@default-broker-1.default-brokers.shop.svc:9093,"
                                + "2@default-broker-2.default-brokers.shop.svc:9093");
        assertThat(settings.minInSyncReplicas()).isEqualTo(2);
    }

    @Test
    void isOnlyABrokerBehindTheFirstControllers() {
        Map<String, String> fourth = new HashMap<>(POD);
        fourth.put("POD_NAME", "default-broker-3");

        Properties properties = KafkaProperties.of(NodeSettings.of(new Environment(fourth)), 9093);

        assertThat(properties)
                .containsEntry("process.roles", "broker")
                .containsEntry("listeners", "BROKER://0.0.0.0:9092");
    }

    @Test
    void saysWhichVariableIsMissingOrWrong() {
        Map<String, String> noCluster = new HashMap<>(POD);
        noCluster.remove("MILLRACE_CLUSTER_ID");
        Map<String, String> noOrdinal = new HashMap<>(POD);
        noOrdinal.put("POD_NAME", "broker");
        Map<String, String> badReplicas = new HashMap<>(POD);
        badReplicas.put("MILLRACE_REPLICAS", "many");

        assertThatThrownBy(() -> NodeSettings.of(new Environment(noCluster)))
                .hasMessage("MILLRACE_CLUSTER_ID is not set");
        assertThatThrownBy(() -> NodeSettings.of(new Environment(noOrdinal)))
                .hasMessageContaining("POD_NAME");
        assertThatThrownBy(() -> NodeSettings.of(new Environment(badReplicas)))
                .hasMessage("MILLRACE_REPLICAS must be a whole number of at least 1, not 'many'");
    }
}
