/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.crds.pool.BrokerPool;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolObjectsTest {

    private final BrokerPool pool = Pools.pool("main", "{kafka: {config: {b: '2', a: '1'}}}");

    @Test
    void allAreLabelledAndOwnedByThePool() {
        List<HasMetadata> objects =
                List.of(
                        PoolObjects.serviceAccount(pool),
                        PoolObjects.settings(pool),
                        PoolObjects.disruptionBudget(pool),
                        PoolObjects.accessKey(pool, "main-access-key", new Random(1)),
                        PoolServices.gateway(pool),
                        PoolServices.kafka(pool),
                        PoolServices.headless(pool),
                        new BrokerStatefulSet(Pools.CONFIG).desired(pool));
        assertThat(objects)
                .allSatisfy(object -> {
                    assertThat(object.getMetadata().getNamespace()).isEqualTo("shop");
                    assertThat(object.getMetadata().getLabels())
                            .isEqualTo(
                                    Map.of(
                                            "app.kubernetes.io/name", "millrace",
                                            "app.kubernetes.io/instance", "main",
                                            "app.kubernetes.io/component", "broker",
                                            "app.kubernetes.io/part-of", "millrace",
                                            "app.kubernetes.io/managed-by", "millrace-operator"));
                    assertThat(object.getMetadata().getOwnerReferences())
                            .singleElement()
                            .satisfies(owner -> {
                                assertThat(owner.getApiVersion()).isEqualTo("millrace.dev/v1beta1");
                                assertThat(owner.getKind()).isEqualTo("BrokerPool");
                                assertThat(owner.getName()).isEqualTo("main");
                                assertThat(owner.getUid()).isEqualTo(pool.getMetadata().getUid());
                                assertThat(owner.getController()).isTrue();
                                assertThat(owner.getBlockOwnerDeletion()).isTrue();
                            });
                });
    }

    @Test
    void settingsAreSortedSoThatTheirTextIsTheSame() {
        assertThat(PoolObjects.settings(pool).getData())
                .containsExactly(Map.entry("kafka.properties", "a=1\nb=2\n"));
    }

    /** The schema refuses what the operator sets itself; a value is no way around it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\nlisteners=PLAIN://:1",
                "a\r\nb",
                "c:\\dir\\",
                "  spaces ",
                "\t",
                "",
                "é"
            })
    void aSettingArrivesAsItWasGiven(String value) throws IOException {
        BrokerPool odd =
                Pools.pool(
                        "main",
                        "{kafka: {config: {some.setting: %s}}}"
                                .formatted(Serialization.asJson(value)));
        Properties read = new Properties();
        read.load(new StringReader(PoolObjects.settings(odd).getData().get("kafka.properties")));
        assertThat(read).isEqualTo(Map.of("some.setting", value));
    }

    @Test
    void aKeyHasTheFormOfAmazons() {
        var secret = PoolObjects.accessKey(pool, "main-access-key", new Random(1)).getStringData();
        assertThat(secret.get("accessKeyId")).matches("AKIA[A-Z2-7]{16}");
        assertThat(secret.get("secretAccessKey")).matches("[A-Za-z0-9+/]{40}");
        assertThat(PoolObjects.accessKey(pool, "x", new Random(2)).getStringData())
                .isNotEqualTo(secret);
    }

    @Test
    void theGatewaysServiceIsAsSpecSays() {
        Service service =
                PoolServices.gateway(
                        Pools.pool(
                                "main",
                                "{gateway: {service: {type: LoadBalancer, nodePort: 30001, annotations: {a: b}}}}"));
        assertThat(service.getSpec().getType()).isEqualTo("LoadBalancer");
        assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isEqualTo(30_001);
        assertThat(service.getSpec().getPorts().getFirst().getPort()).isEqualTo(4_567);
        assertThat(service.getMetadata().getAnnotations()).containsEntry("a", "b");
        assertThat(PoolServices.gateway(pool).getSpec().getType()).isEqualTo("ClusterIP");
        assertThat(PoolServices.gateway(pool).getSpec().getPorts().getFirst().getNodePort())
                .isNull();
    }

    /** A quorum that waits for readiness to learn of its members never forms. */
    @Test
    void brokersFindEachOtherBeforeTheyAreReady() {
        for (Service service : List.of(PoolServices.headless(pool), PoolServices.kafka(pool))) {
            assertThat(service.getSpec().getPublishNotReadyAddresses()).isTrue();
        }
        assertThat(PoolServices.headless(pool).getSpec().getClusterIP()).isEqualTo("None");
        assertThat(PoolServices.gateway(pool).getSpec().getPublishNotReadyAddresses()).isNull();
    }
}
