/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.crds.Condition;
import dev.millrace.crds.apiserver.ApiServer;
import dev.millrace.crds.apiserver.WithApiServer;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.operator.control.InMemoryPoolControl;
import dev.millrace.operator.control.PoolDescription;
import dev.millrace.shard.StreamName;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatusBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Pools before a real API server, with the rights that the chart gives the operator. There are no
 * other controllers: the test plays the part of those that run pods and collect garbage.
 */
@ExtendWith(WithApiServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokerPoolReconcilerIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient admin;
    private final KubernetesClient client;
    private final String namespace;
    private final InMemoryPoolControl gateway = new InMemoryPoolControl(InstantSource.system());
    private final Operator operator;

    BrokerPoolReconcilerIT(ApiServer server) throws IOException, InterruptedException {
        admin = server.admin();
        client = ChartRole.client(server);
        namespace = server.namespace("pools");
        operator = new Operator(settings -> settings.withKubernetesClient(client));
        operator.register(reconciler());
        operator.start();
    }

    @AfterAll
    void stop() {
        operator.stop();
    }

    /** Or the tests here would prove nothing of the chart's roles. */
    @Test
    void theOperatorMayNotDoMoreThanItNeeds() {
        assertThatThrownBy(() -> client.nodes().list())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("forbidden");
        assertThatThrownBy(() -> client.persistentVolumeClaims().inNamespace(namespace).delete())
                .hasMessageContaining("forbidden");
    }

    @Test
    void aPoolBecomesItsObjects() {
        create("whole", "{}");
        StatefulSet brokers = awaitBrokers("whole");
        assertThat(objects("whole"))
                .extracting(object -> object.getKind() + "/" + object.getMetadata().getName())
                .containsExactlyInAnyOrder(
                        "ServiceAccount/whole-broker",
                        "ConfigMap/whole-broker-settings",
                        "Service/whole-brokers",
                        "Service/whole-gateway",
                        "Service/whole-kafka",
                        "StatefulSet/whole-broker",
                        "PodDisruptionBudget/whole-broker",
                        "Secret/whole-access-key",
                        "Secret/whole-operator-key");
        assertThat(text(secret("whole-access-key"), "accessKeyId")).matches("AKIA[A-Z2-7]{16}");
        assertThat(text(secret("whole-access-key"), "secretAccessKey")).hasSize(40);
        assertThat(text(secret("whole-operator-key"), "accessKeyId"))
                .isNotEqualTo(text(secret("whole-access-key"), "accessKeyId"));
        assertThat(brokers.getSpec().getReplicas()).isEqualTo(1);
    }

    @Test
    void countsAnewWhenAStreamOfItChanges() {
        create("counted", "{}");
        awaitBrokers("counted");
        playReady("counted", 1);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(pool("counted").getStatus().streams()).isNotNull());
        int before = Objects.requireNonNull(pool("counted").getStatus().streams());
        gateway.createStream(new StreamName("counted-stream"), 3);
        gateway.step();
        var streams = admin.resources(dev.millrace.crds.stream.Stream.class).inNamespace(namespace);
        streams.load(
                        new ByteArrayInputStream(
                                """
                                apiVersion: millrace.dev/v1beta1
                                kind: Stream
                                metadata: {name: counted-stream}
                                spec: {pool: counted, shardCount: 3}
                                """
                                        .getBytes(StandardCharsets.UTF_8)))
                .create();
        streams.withName("counted-stream")
                .subresource("status")
                .patch(MERGE, "{\"status\": {\"openShardCount\": 3}}");

        // Sooner than the look that comes each minute.
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(pool("counted").getStatus().streams()).isEqualTo(before + 1));
        gateway.loseEverything();
    }

    @Test
    void aFullVolumeIsAConditionAndAnEventUntilThereIsRoom() {
        create("fills", "{storage: {warnAtPercent: 70}}");
        awaitBrokers("fills");
        gateway.volume(new PoolDescription.Volume(1_000, 250, false));
        playReady("fills", 1);
        assertThat(awaitCondition("fills", "DiskPressure", "True").message()).contains("75 % full");
        assertThat(pool("fills").getStatus().diskUsed()).isEqualTo("75%");
        awaitEvent("fills", "Warning", "VolumesFilling");
        gateway.volume(new PoolDescription.Volume(1_000, 600, false));
        change("fills", "{\"spec\": {\"storage\": {\"warnAtPercent\": 71}}}");
        awaitEvent("fills", "Normal", "VolumesHaveRoom");
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(pool("fills").getStatus().conditions())
                                .noneMatch(condition -> condition.type().equals("DiskPressure")));
    }

    /** The API server itself judges the pod. */
    @Test
    void podsPassTheRestrictedProfile() {
        create("strict", "{}");
        StatefulSet brokers = awaitBrokers("strict");
        admin.namespaces()
                .withName(namespace)
                .patch(
                        MERGE,
                        "{\"metadata\": {\"labels\": {\"pod-security.kubernetes.io/enforce\": \"restricted\"}}}");
        var template = brokers.getSpec().getTemplate();
        var pod =
                new PodBuilder()
                        .withNewMetadata()
                        .withName("strict-broker-0")
                        .withNamespace(namespace)
                        .withLabels(template.getMetadata().getLabels())
                        .endMetadata()
                        .withSpec(template.getSpec())
                        .editSpec()
                        .addNewVolume()
                        .withName("data")
                        .withNewEmptyDir()
                        .endEmptyDir()
                        .endVolume()
                        .endSpec()
                        .build();
        assertThat(admin.resource(pod).dryRun().create().getSpec().getContainers()).hasSize(2);
    }

    @Test
    void aPoolIsReadyWhenItsBrokersAre() {
        create("soon", "{replicas: 3}");
        awaitBrokers("soon");
        assertThat(awaitCondition("soon", "Ready", "False").reason()).isEqualTo("BrokersStarting");
        playReady("soon", 2);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(pool("soon").getStatus().readyReplicas()).isEqualTo(2));
        playReady("soon", 3);
        assertThat(awaitCondition("soon", "Ready", "True").message())
                .isEqualTo("3 of 3 brokers are ready");
        assertThat(pool("soon").getStatus().conditions())
                .extracting(Condition::type)
                .doesNotContain("Reconciling", "Stalled", "Warning");
        assertThat(pool("soon").getStatus().endpoint())
                .isEqualTo("http://soon-gateway." + namespace + ".svc:4567");
        assertThat(pool("soon").getStatus().openShards()).as("the gateway was asked").isZero();
        awaitEvent("soon", "Normal", "AllBrokersReady");
    }

    @Test
    void aSecondReconcileWritesNothing() {
        create(
                "quiet",
                "{replicas: 3, kafka: {config: {a: '1'}}, gateway: {service: {type: NodePort}}}");
        awaitBrokers("quiet");
        playReady("quiet", 3);
        awaitCondition("quiet", "Ready", "True");
        Map<String, String> before = versions("quiet");
        UpdateControl<BrokerPool> control = reconciler().reconcile(pool("quiet"), noContext());
        assertThat(control.isNoUpdate()).isTrue();
        assertThat(versions("quiet")).isEqualTo(before).hasSizeGreaterThan(9);
    }

    @Test
    void theNodePortIsReported() {
        create("open", "{gateway: {service: {type: NodePort}}}");
        awaitBrokers("open");
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(pool("open").getStatus().nodePort())
                                .isEqualTo(
                                        admin.services()
                                                .inNamespace(namespace)
                                                .withName("open-gateway")
                                                .get()
                                                .getSpec()
                                                .getPorts()
                                                .getFirst()
                                                .getNodePort())
                                .isBetween(30_000, 32_767));
    }

    @Test
    void aPoolWaitsForItsSecretAndGoesOnWhenItComes() {
        create("keys", "{accessKeys: [{secretName: team-a}]}");
        Condition waiting = awaitCondition("keys", "Ready", "False");
        assertThat(waiting.reason()).isEqualTo("SecretNotFound");
        assertThat(waiting.message()).contains("team-a");
        assertThat(awaitEvent("keys", "Warning", "SecretNotFound").getMessage()).contains("team-a");
        assertThat(brokers("keys")).isEmpty();
        makeKey("team-a");
        awaitBrokers("keys");
        playReady("keys", 1);
        awaitCondition("keys", "Ready", "True");
        assertThat(secrets("keys")).doesNotContain("keys-access-key");
    }

    @Test
    void aPoolSpeaksTlsWithTheCertificateOfASecret() {
        create("secured", "{gateway: {tls: {secretName: cert}}}");
        assertThat(awaitCondition("secured", "Ready", "False").message())
                .isEqualTo(
                        "Secret cert with tls.crt and tls.key is not there; the pool goes on when it is made");
        admin.resource(
                        new SecretBuilder()
                                .withNewMetadata()
                                .withName("cert")
                                .withNamespace(namespace)
                                .endMetadata()
                                .withType("kubernetes.io/tls")
                                .withStringData(Map.of("tls.crt", "a", "tls.key", "b"))
                                .build())
                .create();
        awaitBrokers("secured");
        playReady("secured", 1);
        awaitCondition("secured", "Ready", "True");

        assertThat(
                        admin.services()
                                .inNamespace(namespace)
                                .withName("secured-gateway")
                                .get()
                                .getSpec()
                                .getPorts())
                .extracting(port -> port.getName() + ":" + port.getPort())
                .containsExactly("kinesis:4567", "kinesis-tls:4568");
        assertThat(pool("secured").getStatus().tlsEndpoint())
                .isEqualTo("https://secured-gateway." + namespace + ".svc:4568");
    }

    @Test
    void brokersGoOnAsTheyAreWhileASecretIsMissing() {
        makeKey("team-b");
        create("lost", "{accessKeys: [{secretName: team-b}]}");
        awaitBrokers("lost");
        playReady("lost", 1);
        awaitCondition("lost", "Ready", "True");
        StatefulSet before = brokers("lost").orElseThrow();
        change("lost", "{\"spec\": {\"accessKeys\": [{\"secretName\": \"gone\"}]}}");
        assertThat(awaitCondition("lost", "Ready", "False").message()).contains("gone");
        assertThat(brokers("lost").orElseThrow().getMetadata().getResourceVersion())
                .isEqualTo(before.getMetadata().getResourceVersion());
        makeKey("gone");
        await().atMost(SOON)
                .until(() -> brokers("lost").orElseThrow().getMetadata().getGeneration() == 2);
        playReady("lost", 1);
        awaitCondition("lost", "Ready", "True");
    }

    /** What the API server refuses shows in the resource, and heals with its cause. */
    @Test
    void whatTheClusterRefusesIsTold() {
        create("first", "{gateway: {service: {type: NodePort, nodePort: 31999}}}");
        awaitBrokers("first");
        create("second", "{gateway: {service: {type: NodePort, nodePort: 31999}}}");
        Condition stalled = awaitCondition("second", "Stalled", "True");
        assertThat(stalled.message()).contains("31999").contains("already allocated");
        assertThat(awaitCondition("second", "Ready", "False").reason())
                .isEqualTo("ReconcileFailed");
        awaitEvent("second", "Warning", "ReconcileFailed");
        change("second", "{\"spec\": {\"gateway\": {\"service\": {\"nodePort\": 31998}}}}");
        awaitBrokers("second");
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(pool("second").getStatus().conditions())
                                .extracting(Condition::type)
                                .doesNotContain("Stalled"));
    }

    @Test
    void aLostObjectIsMadeAgain() {
        create("heals", "{}");
        awaitBrokers("heals");
        admin.apps().statefulSets().inNamespace(namespace).withName("heals-broker").delete();
        admin.services().inNamespace(namespace).withName("heals-kafka").delete();
        change("heals", "{\"spec\": {\"kafka\": {\"config\": {\"a\": \"1\"}}}}");
        awaitBrokers("heals");
        await().atMost(SOON)
                .until(() ->
                        admin.services().inNamespace(namespace).withName("heals-kafka").get()
                                != null);
    }

    @Test
    void volumesGrow() {
        storageClass("growing", true);
        create("grows", "{storage: {size: 1Gi, className: growing}}");
        String first = awaitBrokers("grows").getMetadata().getUid();
        playVolume("grows", "growing");
        change("grows", "{\"spec\": {\"storage\": {\"size\": \"2Gi\"}}}");
        await().atMost(SOON)
                .untilAsserted(() -> {
                    playGarbageCollector("grows");
                    assertThat(brokers("grows"))
                            .hasValueSatisfying(again -> {
                                assertThat(again.getMetadata().getUid()).isNotEqualTo(first);
                                assertThat(storage(again)).isEqualTo(new Quantity("2Gi"));
                            });
                });
        assertThat(claim("grows").getSpec().getResources().getRequests())
                .containsEntry("storage", new Quantity("2Gi"));
        awaitEvent("grows", "Normal", "VolumesGrow");
    }

    @Test
    void volumesThatCannotGrowAreAWarningAndNothingStops() {
        storageClass("fixed", false);
        create("stuck", "{storage: {size: 1Gi, className: fixed}}");
        String first = awaitBrokers("stuck").getMetadata().getUid();
        playVolume("stuck", "fixed");
        change(
                "stuck",
                "{\"spec\": {\"storage\": {\"size\": \"2Gi\"}, \"kafka\": {\"config\": {\"a\": \"1\"}}}}");
        Condition warning = awaitCondition("stuck", "Warning", "True");
        assertThat(warning.message()).contains("spec.storage.size").contains("fixed");
        StatefulSet brokers = brokers("stuck").orElseThrow();
        assertThat(brokers.getMetadata().getUid()).isEqualTo(first);
        assertThat(storage(brokers)).isEqualTo(new Quantity("1Gi"));
        assertThat(brokers.getMetadata().getGeneration()).as("settings still apply").isEqualTo(2);
        playReady("stuck", 1);
        awaitCondition("stuck", "Ready", "True");
    }

    @Test
    void volumesMadeByHandCannotGrowEither() {
        create("byhand", "{storage: {size: 1Gi}}");
        awaitBrokers("byhand");
        playVolume("byhand", "");
        change("byhand", "{\"spec\": {\"storage\": {\"size\": \"2Gi\"}}}");
        assertThat(awaitCondition("byhand", "Warning", "True").message())
                .contains("spec.storage.size");
    }

    private BrokerPoolReconciler reconciler() {
        return new BrokerPoolReconciler(client, Pools.CONFIG, _ -> gateway, Clock.systemUTC());
    }

    @SuppressWarnings("unchecked")
    private static Context<BrokerPool> noContext() {
        return (Context<BrokerPool>)
                Proxy.newProxyInstance(
                        Context.class.getClassLoader(),
                        new Class<?>[] {Context.class},
                        (_, method, _) -> {
                            throw new UnsupportedOperationException(method.getName());
                        });
    }

    private void create(String name, String specYaml) {
        BrokerPool pool = new BrokerPool();
        pool.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
        pool.setSpec(Pools.spec(specYaml));
        admin.resource(pool).create();
    }

    private void change(String name, String mergePatch) {
        pools(name).patch(MERGE, mergePatch);
    }

    private Resource<BrokerPool> pools(String name) {
        return admin.resources(BrokerPool.class).inNamespace(namespace).withName(name);
    }

    private BrokerPool pool(String name) {
        return Objects.requireNonNull(pools(name).get());
    }

    private Optional<StatefulSet> brokers(String pool) {
        return Optional.ofNullable(
                admin.apps()
                        .statefulSets()
                        .inNamespace(namespace)
                        .withName(pool + "-broker")
                        .get());
    }

    private StatefulSet awaitBrokers(String pool) {
        return await().atMost(SOON).until(() -> brokers(pool), Optional::isPresent).orElseThrow();
    }

    private Condition awaitCondition(String pool, String type, String status) {
        return await().alias(pool + " " + type + "=" + status)
                .atMost(SOON)
                .until(
                        () ->
                                pool(pool).getStatus().conditions().stream()
                                        .filter(condition ->
                                                condition.type().equals(type)
                                                        && condition.status().equals(status))
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private Event awaitEvent(String pool, String type, String reason) {
        return await().alias(type + " " + reason + " on " + pool)
                .atMost(SOON)
                .until(
                        () ->
                                admin
                                        .v1()
                                        .events()
                                        .inNamespace(namespace)
                                        .list()
                                        .getItems()
                                        .stream()
                                        .filter(event ->
                                                event.getInvolvedObject().getName().equals(pool)
                                                        && event.getType().equals(type)
                                                        && event.getReason().equals(reason))
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** What the StatefulSet's controller would say once pods run. */
    private void playReady(String pool, int ready) {
        admin.apps()
                .statefulSets()
                .inNamespace(namespace)
                .withName(pool + "-broker")
                .editStatus(brokers -> {
                    int replicas = brokers.getSpec().getReplicas();
                    brokers.setStatus(
                            new StatefulSetStatusBuilder()
                                    .withObservedGeneration(brokers.getMetadata().getGeneration())
                                    .withReplicas(replicas)
                                    .withReadyReplicas(ready)
                                    .withAvailableReplicas(ready)
                                    .withCurrentReplicas(replicas)
                                    .withUpdatedReplicas(replicas)
                                    .build());
                    return brokers;
                });
    }

    /** Takes a StatefulSet away whose deletion leaves its pods. */
    private void playGarbageCollector(String pool) {
        brokers(pool)
                .filter(StatefulSet::isMarkedForDeletion)
                .ifPresent(_ ->
                        admin.apps()
                                .statefulSets()
                                .inNamespace(namespace)
                                .withName(pool + "-broker")
                                .patch(MERGE, "{\"metadata\": {\"finalizers\": null}}"));
    }

    private void storageClass(String name, boolean grows) {
        admin.resource(
                        new StorageClassBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .withProvisioner("example.test/none")
                                .withAllowVolumeExpansion(grows)
                                .build())
                .create();
    }

    /** A volume of the first broker, bound. */
    private void playVolume(String pool, String storageClass) {
        PersistentVolumeClaim claim =
                admin.resource(
                                new PersistentVolumeClaimBuilder()
                                        .withNewMetadata()
                                        .withName("data-" + pool + "-broker-0")
                                        .withNamespace(namespace)
                                        .endMetadata()
                                        .withNewSpec()
                                        .withAccessModes("ReadWriteOnce")
                                        .withStorageClassName(storageClass)
                                        .withVolumeName("volume-of-" + pool)
                                        .withNewResources()
                                        .addToRequests("storage", new Quantity("1Gi"))
                                        .endResources()
                                        .endSpec()
                                        .build())
                        .create();
        admin.resource(claim)
                .editStatus(bound ->
                        new PersistentVolumeClaimBuilder(bound)
                                .editOrNewStatus()
                                .withPhase("Bound")
                                .addToCapacity("storage", new Quantity("1Gi"))
                                .endStatus()
                                .build());
    }

    private PersistentVolumeClaim claim(String pool) {
        return admin.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName("data-" + pool + "-broker-0")
                .get();
    }

    private static Quantity storage(StatefulSet brokers) {
        return Objects.requireNonNull(
                brokers.getSpec()
                        .getVolumeClaimTemplates()
                        .getFirst()
                        .getSpec()
                        .getResources()
                        .getRequests()
                        .get("storage"));
    }

    private void makeKey(String name) {
        admin.resource(
                        new SecretBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .withNamespace(namespace)
                                .endMetadata()
                                .addToStringData("accessKeyId", "AKIAIOSFODNN7EXAMPLE")
                                .addToStringData("secretAccessKey", "s".repeat(40))
                                .build())
                .create();
    }

    private Secret secret(String name) {
        return admin.secrets().inNamespace(namespace).withName(name).get();
    }

    private List<String> secrets(String pool) {
        return objects(pool).stream()
                .filter(Secret.class::isInstance)
                .map(secret -> secret.getMetadata().getName())
                .toList();
    }

    private static String text(Secret secret, String key) {
        return new String(
                Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
    }

    private List<HasMetadata> objects(String pool) {
        List<HasMetadata> objects = new ArrayList<>();
        Stream.of(
                        admin.serviceAccounts(),
                        admin.configMaps(),
                        admin.services(),
                        admin.secrets(),
                        admin.apps().statefulSets(),
                        admin.policy().v1().podDisruptionBudget())
                .forEach(kind ->
                        kind.inNamespace(namespace)
                                .withLabel("app.kubernetes.io/instance", pool)
                                .list()
                                .getItems()
                                .forEach(item -> objects.add((HasMetadata) item)));
        return objects;
    }

    private Map<String, String> versions(String pool) {
        Stream<HasMetadata> events =
                admin.v1().events().inNamespace(namespace).list().getItems().stream()
                        .filter(event -> event.getInvolvedObject().getName().equals(pool))
                        .map(HasMetadata.class::cast);
        return Stream.concat(Stream.concat(objects(pool).stream(), Stream.of(pool(pool))), events)
                .collect(
                        toMap(
                                object -> object.getKind() + "/" + object.getMetadata().getName(),
                                object -> object.getMetadata().getResourceVersion()));
    }
}
