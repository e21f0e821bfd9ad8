/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.crds.pool.BrokerPool;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerStatefulSetTest {

    private final BrokerStatefulSet brokers = new BrokerStatefulSet(Pools.CONFIG);

    /** The image reads exactly these. */
    @Test
    void affinityIsPassedOn() {
        PodSpec pod =
                pod(
                        """
                        template:
                          affinity:
                            podAntiAffinity:
                              requiredDuringSchedulingIgnoredDuringExecution:
                              - topologyKey: topology.kubernetes.io/zone
                        """);
        assertThat(
                        pod.getAffinity()
                                .getPodAntiAffinity()
                                .getRequiredDuringSchedulingIgnoredDuringExecution())
                .singleElement()
                .extracting(term -> term.getTopologyKey())
                .isEqualTo("topology.kubernetes.io/zone");
        assertThat(pod("{}").getAffinity()).isNull();
    }

    @Test
    void onlyTheGatewayGetsTheCertificate() {
        PodSpec pod = pod("{gateway: {tls: {secretName: cert}}}");
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getName().equals("tls"))
                .singleElement()
                .satisfies(volume -> {
                    assertThat(volume.getSecret().getSecretName()).isEqualTo("cert");
                    assertThat(volume.getSecret().getOptional()).isTrue();
                });
        Container gateway = pod.getContainers().get(1);
        assertThat(gateway.getEnv())
                .extracting(env -> env.getName() + "=" + env.getValue())
                .contains("MILLRACE_TLS_DIR=/etc/millrace/tls", "MILLRACE_GATEWAY_TLS_PORT=4568");
        assertThat(gateway.getVolumeMounts())
                .filteredOn(mount -> mount.getName().equals("tls"))
                .singleElement()
                .satisfies(mount -> assertThat(mount.getReadOnly()).isTrue());
        assertThat(pod.getContainers().getFirst().getVolumeMounts())
                .noneSatisfy(mount -> assertThat(mount.getName()).isEqualTo("tls"));
        assertThat(pod("{}").getVolumes())
                .noneSatisfy(volume -> assertThat(volume.getName()).isEqualTo("tls"));
    }

    @Test
    void bothContainersGetTheWholeEnvironment() {
        PodSpec pod = pod("{replicas: 3}");
        assertThat(pod.getContainers())
                .extracting(Container::getName)
                .containsExactly("kafka", "gateway");
        for (Container container : pod.getContainers()) {
            assertThat(container.getArgs()).containsExactly(container.getName());
            assertThat(container.getImage()).isEqualTo("example.test/millrace/broker:1");
            assertThat(container.getEnv())
                    .filteredOn(env -> env.getName().equals("POD_NAME"))
                    .singleElement()
                    .satisfies(env ->
                            assertThat(env.getValueFrom().getFieldRef().getFieldPath())
                                    .isEqualTo("metadata.name"));
            assertThat(environment(container))
                    .isEqualTo(
                            Map.ofEntries(
                                    Map.entry("MILLRACE_POOL", "main"),
                                    Map.entry("MILLRACE_NAMESPACE", "shop"),
                                    Map.entry("MILLRACE_REPLICAS", "3"),
                                    Map.entry("MILLRACE_CONTROLLERS", "3"),
                                    Map.entry("MILLRACE_HEADLESS_SERVICE", "main-brokers.shop.svc"),
                                    Map.entry("MILLRACE_CLUSTER_ID", "loPbRd_v2Fx6Cncz9YyrPw"),
                                    Map.entry("MILLRACE_DATA_DIR", "/var/lib/millrace"),
                                    Map.entry("MILLRACE_REPLICATION", "3"),
                                    Map.entry(
                                            "MILLRACE_KAFKA_CONFIG_FILE",
                                            "/etc/millrace/settings/kafka.properties"),
                                    Map.entry(
                                            "MILLRACE_BOOTSTRAP_SERVERS",
                                            "main-kafka.shop.svc:9092"),
                                    Map.entry("MILLRACE_GATEWAY_PORT", "4567"),
                                    Map.entry("MILLRACE_METRICS_PORT", "9464"),
                                    Map.entry(
                                            "MILLRACE_ACCESS_KEYS_DIR",
                                            "/etc/millrace/access-keys"),
                                    Map.entry(
                                            "MILLRACE_ENCRYPTION_KEYS_DIR",
                                            "/etc/millrace/encryption-keys"),
                                    Map.entry("MILLRACE_REGION", "us-east-1"),
                                    Map.entry("MILLRACE_ACCOUNT_ID", "000000000000")));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "3,3,3", "5,3,3", "99,3,3"})
    void threeControlAndKeepCopiesAtMost(String replicas, String controllers, String copies) {
        Container kafka = pod("{replicas: " + replicas + "}").getContainers().getFirst();
        assertThat(environment(kafka))
                .containsEntry("MILLRACE_REPLICAS", replicas)
                .containsEntry("MILLRACE_CONTROLLERS", controllers)
                .containsEntry("MILLRACE_REPLICATION", copies);
    }

    /** Or brokers of a pool made again would refuse the volumes that the one before it left. */
    @Test
    void theClusterIdFollowsFromTheNamesAndIsOneOfKafkas() {
        String id = new PoolNames("main", "shop").clusterId();
        assertThat(new PoolNames("main", "shop").clusterId()).isEqualTo(id);
        assertThat(new PoolNames("main", "other").clusterId()).isNotEqualTo(id);
        assertThat(new PoolNames("other", "shop").clusterId()).isNotEqualTo(id);
        for (int i = 0; i < 1_000; i++) {
            String each = new PoolNames("pool-" + i, "shop").clusterId();
            assertThat(Base64.getUrlDecoder().decode(each)).hasSize(16);
            assertThat(each).hasSize(22).doesNotStartWith("-");
        }
    }

    @Test
    void aSettingRestartsTheBrokersAndNothingElseOfItDoes() {
        StatefulSet plain = desired("{}");
        assertThat(desired("{kafka: {config: {log.retention.ms: '1'}}}").getSpec().getTemplate())
                .isNotEqualTo(plain.getSpec().getTemplate());
        for (String spec :
                List.of(
                        "{kafka: {config: {}}}",
                        "{storage: {size: 20Gi}}",
                        "{gateway: {service: {type: NodePort, nodePort: 30000}}}")) {
            assertThat(desired(spec).getSpec().getTemplate())
                    .as(spec)
                    .isEqualTo(plain.getSpec().getTemplate());
        }
        assertThat(desired("{kafka: {config: {b: '2', a: '1'}}}"))
                .isEqualTo(desired("{kafka: {config: {a: '1', b: '2'}}}"));
    }

    @Test
    void volumesAreKeptUnlessTheyAreToGo() {
        assertThat(
                        desired("{}")
                                .getSpec()
                                .getPersistentVolumeClaimRetentionPolicy()
                                .getWhenDeleted())
                .isEqualTo("Retain");
        var deleted =
                desired("{storage: {deleteClaim: true}}")
                        .getSpec()
                        .getPersistentVolumeClaimRetentionPolicy();
        assertThat(deleted.getWhenDeleted()).isEqualTo("Delete");
        assertThat(deleted.getWhenScaled()).isEqualTo("Retain");
    }

    @Test
    void theVolumeIsOfTheSizeAndClassAskedForAndOnlyKafkaHasIt() {
        StatefulSet statefulSet = desired("{storage: {size: 20Gi, className: fast}}");
        var claim = statefulSet.getSpec().getVolumeClaimTemplates().getFirst().getSpec();
        assertThat(claim.getStorageClassName()).isEqualTo("fast");
        assertThat(claim.getResources().getRequests())
                .containsEntry("storage", new Quantity("20Gi"));
        List<Container> containers = statefulSet.getSpec().getTemplate().getSpec().getContainers();
        assertThat(mounts(containers.getFirst())).containsEntry("data", "/var/lib/millrace");
        assertThat(mounts(containers.getLast())).doesNotContainKey("data");
    }

    @Test
    void keysAreProjectedUnderTheirSecretsNames() {
        assertThat(keyPaths("{}"))
                .containsExactly(
                        "main-operator-key:operator/accessKeyId",
                        "main-operator-key:operator/secretAccessKey",
                        "main-access-key:clients/main-access-key/accessKeyId",
                        "main-access-key:clients/main-access-key/secretAccessKey",
                        "main-access-key:clients/main-access-key/policy");
        assertThat(keyPaths("{accessKeys: [{secretName: team-a}, {secretName: team-b}]}"))
                .containsExactly(
                        "main-operator-key:operator/accessKeyId",
                        "main-operator-key:operator/secretAccessKey",
                        "team-a:clients/team-a/accessKeyId",
                        "team-a:clients/team-a/secretAccessKey",
                        "team-a:clients/team-a/policy",
                        "team-b:clients/team-b/accessKeyId",
                        "team-b:clients/team-b/secretAccessKey",
                        "team-b:clients/team-b/policy");
    }

    /** A laptop's pool is to fit into one GiB. */
    @Test
    void aPodTakesOneGibibyteAtMost() {
        double bytes =
                pod("{}").getContainers().stream()
                        .map(container -> container.getResources().getLimits().get("memory"))
                        .mapToDouble(memory -> memory.getNumericalAmount().doubleValue())
                        .sum();
        assertThat(bytes).isLessThanOrEqualTo(1024.0 * 1024 * 1024);
    }

    @Test
    void theTemplateSaysWherePodsRun() {
        PodSpec pod =
                pod(
                        """
                        template:
                          nodeSelector: {disk: fast}
                          tolerations: [{key: only, operator: Exists}]
                          priorityClassName: high
                          imagePullSecrets: [{name: puller}]
                          topologySpreadConstraints:
                          - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}
                        image: example.test/mine:2
                        """);
        assertThat(pod.getNodeSelector()).containsExactly(Map.entry("disk", "fast"));
        assertThat(pod.getTolerations()).singleElement().extracting("key").isEqualTo("only");
        assertThat(pod.getPriorityClassName()).isEqualTo("high");
        assertThat(pod.getImagePullSecrets())
                .singleElement()
                .extracting("name")
                .isEqualTo("puller");
        assertThat(pod.getTopologySpreadConstraints())
                .singleElement()
                .extracting("topologyKey")
                .isEqualTo("zone");
        assertThat(pod.getContainers())
                .extracting(Container::getImage)
                .containsOnly("example.test/mine:2");
        assertThat(pod("{}").getTopologySpreadConstraints())
                .singleElement()
                .extracting("topologyKey", "whenUnsatisfiable")
                .containsExactly("kubernetes.io/hostname", "ScheduleAnyway");
    }

    private StatefulSet desired(String spec) {
        BrokerPool pool = Pools.pool("main", spec);
        return brokers.desired(pool);
    }

    private PodSpec pod(String spec) {
        return desired(spec).getSpec().getTemplate().getSpec();
    }

    private List<String> keyPaths(String spec) {
        return pod(spec).getVolumes().stream()
                .filter(volume -> volume.getProjected() != null)
                .flatMap(volume -> volume.getProjected().getSources().stream())
                .flatMap(source ->
                        source.getSecret().getItems().stream()
                                .map(item -> source.getSecret().getName() + ":" + item.getPath()))
                .toList();
    }

    private static Map<String, String> environment(Container container) {
        return container.getEnv().stream()
                .filter(env -> env.getValueFrom() == null)
                .collect(toMap(EnvVar::getName, EnvVar::getValue));
    }

    private static Map<String, String> mounts(Container container) {
        return container.getVolumeMounts().stream()
                .collect(toMap(VolumeMount::getName, VolumeMount::getMountPath));
    }
}
