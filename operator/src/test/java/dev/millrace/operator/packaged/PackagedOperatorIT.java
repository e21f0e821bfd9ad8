/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.crds.Condition;
import dev.millrace.crds.apiserver.ApiServer;
import dev.millrace.crds.apiserver.WithApiServer;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamStatus;
import dev.millrace.operator.control.InMemoryPoolControl;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.shard.StreamName;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The jar that is shipped, started with the environment that the chart gives it and signed in with
 * the chart's roles, so that a missing permission fails here. No controllers run on this API
 * server: the test itself says that brokers are ready.
 */
@ExtendWith(WithApiServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PackagedOperatorIT {

    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final String POOL = "default";
    private static final long MEBIBYTE = 1L << 20;

    private final ApiServer server;
    private final KubernetesClient admin;
    private final String namespace;
    private final InMemoryPoolControl gateway = new InMemoryPoolControl(Clock.systemUTC());

    private final Path directory = Path.of("target/packaged-operator");
    private @Nullable GatewayServer gatewayServer;
    private @Nullable RunningOperator operator;
    private Map<String, String> environment = Map.of();

    PackagedOperatorIT(ApiServer server) {
        this.server = server;
        this.admin = server.admin();
        this.namespace = server.namespace("packaged");
    }

    @BeforeAll
    void startOperator() throws IOException, InterruptedException {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(40));
        Awaitility.setDefaultPollInterval(Duration.ofMillis(100));
        Files.createDirectories(directory);
        gatewayServer = GatewayServer.start(gateway);
        gateway.moveByItself(true);
        admin.namespaces()
                .resource(
                        new io.fabric8.kubernetes.api.model.NamespaceBuilder()
                                .withNewMetadata()
                                .withName(Chart.NAMESPACE)
                                .endMetadata()
                                .build())
                .create();
        Chart chart = Chart.render();
        chart.applyRoles(admin);
        environment = new TreeMap<>(chart.environment());
        environment.put(
                "KUBECONFIG",
                RunningOperator.signIn(admin, server.kubeconfig(), directory).toString());
        environment.put("MILLRACE_GATEWAY_URL", gatewayServer.url());
        long begin = System.nanoTime();
        operator = RunningOperator.start(directory, "operator-0", environment);
        await().until(operator()::isReady);
        System.out.printf(
                "Operator ready after %d ms%n",
                Duration.ofNanos(System.nanoTime() - begin).toMillis());
    }

    @AfterEach
    void nothingWasForbidden() throws IOException {
        assertThat(operator().log())
                .as("the chart's roles are enough")
                .doesNotContainIgnoringCase("forbidden");
        assertThat(operator().isLive()).isTrue();
    }

    @AfterAll
    void stopOperator() throws IOException {
        if (operator != null) {
            System.out.printf("Operator holds %d MiB%n", operator.residentBytes() / MEBIBYTE);
            operator.close();
            if (Boolean.getBoolean("millrace.showLog")) {
                System.out.println(operator.log());
            }
        }
        if (gatewayServer != null) {
            gatewayServer.close();
        }
    }

    @Test
    @Order(1)
    void aStreamMakesItsPoolAndIsReadyWhenThatIs() {
        create("Stream", "orders", "{shardCount: 2, tags: {team: a}}");
        awaitCondition("orders", "Ready", "False");
        assertThat(condition(stream("orders"), "Ready").orElseThrow().reason())
                .isEqualTo("PoolNotReady");
        BrokerPool pool = awaited(pools(POOL));
        assertThat(pool.getMetadata().getOwnerReferences()).isEmpty();
        assertThat(pool.getSpec().replicas()).isEqualTo(1);
        awaited(admin.apps().statefulSets().inNamespace(namespace).withName("default-broker"));
        makeBrokersReady(POOL);

        awaitCondition("orders", "Ready", "True");
        await().untilAsserted(() ->
                assertThat(stream("orders").getStatus().streamStatus()).isEqualTo("ACTIVE"));
        StreamStatus status = stream("orders").getStatus();
        assertThat(status.openShardCount()).isEqualTo(2);
        assertThat(status.observedGeneration())
                .isEqualTo(stream("orders").getMetadata().getGeneration());
        assertThat(status.streamARN()).endsWith("stream/orders");
        assertThat(status.endpoint())
                .isEqualTo("http://default-gateway.%s.svc:4567".formatted(namespace));
        assertThat(status.bootstrapServers())
                .isEqualTo("default-kafka.%s.svc:9092".formatted(namespace));
        assertThat(status.selector()).contains("app.kubernetes.io/instance=default");
        assertThat(condition(stream("orders"), "Resharding").orElseThrow().status())
                .isEqualTo("False");
        assertThat(gateway.find(new StreamName("orders")).orElseThrow().tags())
                .containsEntry("team", "a");
    }

    @Test
    @Order(2)
    void everyObjectOfThePoolIsLabelledAndOwned() {
        List<HasMetadata> objects = poolObjects();
        assertThat(objects)
                .extracting(object -> object.getKind() + "/" + object.getMetadata().getName())
                .contains(
                        "StatefulSet/default-broker",
                        "Service/default-brokers",
                        "Service/default-gateway",
                        "Service/default-kafka",
                        "Secret/default-access-key",
                        "Secret/default-operator-key",
                        "PodDisruptionBudget/default-broker");
        for (HasMetadata object : objects) {
            assertThat(object.getMetadata().getLabels())
                    .as(object.getKind() + " " + object.getMetadata().getName())
                    .containsEntry("app.kubernetes.io/name", "millrace")
                    .containsEntry("app.kubernetes.io/instance", POOL)
                    .containsEntry("app.kubernetes.io/component", "broker")
                    .containsEntry("app.kubernetes.io/part-of", "millrace")
                    .containsEntry("app.kubernetes.io/managed-by", "millrace-operator");
            assertThat(object.getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(owner -> assertThat(owner.getKind()).isEqualTo("BrokerPool"));
        }
    }

    /** A restart reconciles everything; where nothing has changed, it must leave no trace. */
    @Test
    @Order(3)
    void aSecondReconcileWritesNothing() throws Exception {
        Map<String, String> before = versions();
        long begin = System.nanoTime();
        operator().close();
        operator = RunningOperator.start(directory, "operator-1", environment);
        await().until(operator()::isReady);
        // Something that has to be reconciled after all that was there before.
        create("Stream", "late", "{}");
        awaitCondition("late", "Ready", "True");
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as("the lease was given back, so that nobody has to wait for its end")
                .isLessThan(Duration.ofSeconds(14));
        await().during(Duration.ofSeconds(3))
                .untilAsserted(() -> assertThat(versions()).isEqualTo(before));
        delete("late");
    }

    @Test
    @Order(4)
    void aPatchReshardsWhileTheStreamStaysReady() {
        gateway.moveByItself(false);
        ConcurrentLinkedQueue<StreamStatus> seen = new ConcurrentLinkedQueue<>();
        try (var _ = streams("orders").inform(recordInto(seen))) {
            patchSpec("orders", "{\"shardCount\": 5}");
            for (int step = 0; step < 3; step++) {
                String progress = step + "/3";
                await().until(() -> progress.equals(progressOf("orders")));
                assertThat(condition(stream("orders"), "Resharding").orElseThrow().status())
                        .isEqualTo("True");
                gateway.step();
            }
            await().untilAsserted(() -> {
                StreamStatus status = stream("orders").getStatus();
                assertThat(status.openShardCount()).isEqualTo(5);
                assertThat(status.lastReshard()).isNotNull();
                assertThat(condition(stream("orders"), "Resharding").orElseThrow().status())
                        .isEqualTo("False");
            });
        } finally {
            gateway.moveByItself(true);
        }
        assertThat(seen)
                .hasSizeGreaterThan(4)
                .allSatisfy(status ->
                        assertThat(status.conditions())
                                .filteredOn(condition -> condition.type().equals("Ready"))
                                .singleElement()
                                .extracting(Condition::status)
                                .isEqualTo("True"));
        assertThat(stream("orders").getStatus().reshard()).isNull();
        assertThat(events("orders")).extracting(Event::getReason).contains("Resharding");
    }

    @Test
    @Order(5)
    void aChangeThroughTheApiAppearsInSpecAndAPatchGoesToTheGateway() {
        gateway.setRetention(new StreamName("orders"), 48);
        gateway.updateShardCount(new StreamName("orders"), 3);
        await().untilAsserted(() -> {
            assertThat(stream("orders").getSpec().shardCount()).isEqualTo(3);
            assertThat(stream("orders").getSpec().retentionPeriodHours()).isEqualTo(48);
        });
        assertThat(stream("orders").getMetadata().getManagedFields())
                .filteredOn(fields -> fields.getManager().equals("millrace-api"))
                .singleElement()
                .satisfies(fields ->
                        assertThat(Serialization.asJson(fields.getFieldsV1()))
                                .contains("f:shardCount"));
        patchSpec("orders", "{\"retentionPeriodHours\": 36, \"shardCount\": 4}");
        await().untilAsserted(() -> {
            StreamStateView state = state("orders");
            assertThat(state.retentionPeriodHours()).isEqualTo(36);
            assertThat(state.openShardCount()).isEqualTo(4);
        });
        assertThat(stream("orders").getSpec().shardCount()).isEqualTo(4);
    }

    @Test
    @Order(7)
    void aMissingSecretIsNamedAndHealsWhenItAppears() {
        create("BrokerPool", "keyed", "{accessKeys: [{secretName: not-there}]}");
        await().untilAsserted(() ->
                assertThat(conditionOf(pools("keyed").get(), "Ready"))
                        .hasValueSatisfying(ready -> {
                            assertThat(ready.reason()).isEqualTo("SecretNotFound");
                            assertThat(ready.status()).isEqualTo("False");
                            assertThat(ready.message()).contains("not-there");
                        }));
        await().untilAsserted(() ->
                assertThat(events("keyed"))
                        .anySatisfy(event -> {
                            assertThat(event.getReason()).isEqualTo("SecretNotFound");
                            assertThat(event.getType()).isEqualTo("Warning");
                        }));
        Secret secret =
                new SecretBuilder()
                        .withNewMetadata()
                        .withName("not-there")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withStringData(Map.of("accessKeyId", "AKIDTEST"))
                        .build();
        admin.resource(secret).create();
        await().during(Duration.ofSeconds(4))
                .untilAsserted(() ->
                        assertThat(conditionOf(pools("keyed").get(), "AccessKeysReady"))
                                .as("a Secret that lacks a key is none")
                                .hasValueSatisfying(
                                        c -> assertThat(c.status()).isEqualTo("False")));
        admin.secrets()
                .inNamespace(namespace)
                .withName("not-there")
                .patch(MERGE, "{\"stringData\": {\"secretAccessKey\": \"secret\"}}");
        awaited(admin.apps().statefulSets().inNamespace(namespace).withName("keyed-broker"));
        await().untilAsserted(() ->
                assertThat(conditionOf(pools("keyed").get(), "AccessKeysReady"))
                        .hasValueSatisfying(c -> assertThat(c.status()).isEqualTo("True")));
        aPausedPoolIsLeftAlone("keyed");
        pools("keyed").delete();
    }

    @Test
    @Order(8)
    void deletingAStreamDeletesItsRecordsOnlyByPolicy() {
        create("Stream", "goes", "{}");
        create("Stream", "stays", "{deletionPolicy: Retain}");
        awaitCondition("goes", "Ready", "True");
        awaitCondition("stays", "Ready", "True");
        assertThat(stream("stays").getMetadata().getFinalizers()).isEmpty();
        assertThat(stream("goes").getMetadata().getFinalizers())
                .containsExactly("millrace.dev/stream");

        delete("goes");
        delete("stays");
        assertThat(gateway.find(new StreamName("goes"))).isEmpty();
        await().during(Duration.ofSeconds(7))
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    assertThat(gateway.find(new StreamName("stays"))).isPresent();
                    assertThat(streams("stays").get()).isNull();
                });
    }

    @Test
    @Order(9)
    void aStreamOfTheApiGetsItsResourceAndGoesWithTheStream() {
        StreamName name = new StreamName("Made_By.API");
        gateway.createStream(name, 3);
        Stream made =
                await().until(
                                () ->
                                        admin
                                                .resources(Stream.class)
                                                .inNamespace(namespace)
                                                .list()
                                                .getItems()
                                                .stream()
                                                .filter(s -> name.value().equals(s.streamName()))
                                                .findFirst(),
                                Optional::isPresent)
                        .orElseThrow();
        String resource = made.getMetadata().getName();
        assertThat(made.getSpec().shardCount()).isEqualTo(3);
        awaitCondition(resource, "Ready", "True");
        await().until(() -> state(name.value()).ownerUid().isPresent());

        gateway.deleteStream(name);
        await().until(() -> streams(resource).get() == null);
    }

    /** The second waits for the lease of the first, and takes over when that is gone. */
    @Test
    @Order(11)
    void anotherOperatorTakesOver() throws Exception {
        try (RunningOperator standby =
                RunningOperator.start(directory, "operator-2", environment)) {
            await().until(standby::isReady);
            operator().kill();
            patchSpec("orders", "{\"shardCount\": 2}");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> state("orders").targetShardCount() == 2);
            await().untilAsserted(() ->
                    assertThat(stream("orders").getStatus().openShardCount()).isEqualTo(2));
        } finally {
            operator = RunningOperator.start(directory, "operator-3", environment);
            await().until(operator()::isReady);
        }
    }

    @Test
    @Order(12)
    void metricsAreThereAndMemoryIsBounded() throws Exception {
        awaitCondition("orders", "Ready", "True");
        await().untilAsserted(() ->
                assertThat(operator().metrics())
                        .contains("jvm_memory")
                        .contains("millrace_operator_reconcile_seconds_count{")
                        .contains("millrace_resources{kind=\"BrokerPool\",ready=\"true\"} 1.0")
                        .containsPattern(
                                "millrace_resources\\{kind=\"Stream\",ready=\"true\"} [1-9]")
                        .as("no time series for each resource")
                        .doesNotContain("orders"));
        assertThat(operator().residentBytes()).isLessThan(256 * MEBIBYTE);
    }

    private void aPausedPoolIsLeftAlone(String name) {
        var brokers = admin.apps().statefulSets().inNamespace(namespace).withName(name + "-broker");
        String annotate =
                "{\"metadata\": {\"annotations\": {\"millrace.dev/pause-reconciliation\": %s}}}";
        pools(name).patch(MERGE, annotate.formatted("\"true\""));
        await().until(() -> conditionOf(pools(name).get(), "ReconciliationPaused").isPresent());
        pools(name).patch(MERGE, "{\"spec\": {\"image\": \"example.test/other:1\"}}");
        await().during(Duration.ofSeconds(2))
                .untilAsserted(() -> assertThat(imageOf(brokers.get())).doesNotContain("other"));
        pools(name).patch(MERGE, annotate.formatted("null"));
        await().untilAsserted(() -> assertThat(imageOf(brokers.get())).contains("other"));
        await().until(() -> conditionOf(pools(name).get(), "ReconciliationPaused").isEmpty());
    }

    private static String imageOf(StatefulSet brokers) {
        return brokers.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
    }

    // --- what the tests are made of

    private RunningOperator operator() {
        if (operator == null) {
            throw new IllegalStateException("startOperator has not run");
        }
        return operator;
    }

    /** What a controller and a kubelet would do. */
    private void makeBrokersReady(String pool) {
        var brokers = admin.apps().statefulSets().inNamespace(namespace).withName(pool + "-broker");
        StatefulSet statefulSet = brokers.get();
        int replicas = statefulSet.getSpec().getReplicas();
        brokers.subresource("status")
                .patch(
                        MERGE,
                        """
                        {"status": {"observedGeneration": %d, "replicas": %2$d, "readyReplicas": %2$d,
                         "updatedReplicas": %2$d, "currentReplicas": %2$d, "availableReplicas": %2$d}}
                        """
                                .formatted(statefulSet.getMetadata().getGeneration(), replicas));
    }

    private List<HasMetadata> poolObjects() {
        List<Class<? extends HasMetadata>> kinds =
                List.of(
                        StatefulSet.class,
                        Service.class,
                        ConfigMap.class,
                        Secret.class,
                        ServiceAccount.class,
                        PodDisruptionBudget.class);
        return kinds.stream()
                .flatMap(kind ->
                        admin
                                .resources(kind)
                                .inNamespace(namespace)
                                .withLabel("app.kubernetes.io/part-of", "millrace")
                                .list()
                                .getItems()
                                .stream()
                                .map(HasMetadata.class::cast))
                .toList();
    }

    /** Who wrote what when: all objects here but the stream that a test makes meanwhile. */
    private Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        java.util.stream.Stream.of(
                        poolObjects().stream(),
                        admin
                                .resources(Stream.class)
                                .inNamespace(namespace)
                                .list()
                                .getItems()
                                .stream(),
                        admin
                                .resources(BrokerPool.class)
                                .inNamespace(namespace)
                                .list()
                                .getItems()
                                .stream())
                .flatMap(objects -> objects.map(HasMetadata.class::cast))
                .filter(object -> !object.getMetadata().getName().equals("late"))
                .forEach(object ->
                        versions.put(
                                object.getKind() + "/" + object.getMetadata().getName(),
                                object.getMetadata().getResourceVersion()));
        return versions;
    }

    private void create(String kind, String name, String spec) {
        String yaml =
                """
                apiVersion: millrace.dev/v1beta1
                kind: %s
                metadata: {name: %s, namespace: %s}
                spec: %s
                """
                        .formatted(kind, name, namespace, spec);
        admin.resource(yaml).create();
    }

    private void patchSpec(String stream, String spec) {
        streams(stream).patch(MERGE, "{\"spec\": %s}".formatted(spec));
    }

    private void delete(String stream) {
        streams(stream).delete();
        await().until(() -> streams(stream).get() == null);
    }

    private void awaitCondition(String stream, String type, String status) {
        await().untilAsserted(() ->
                assertThat(condition(stream(stream), type))
                        .hasValueSatisfying(c -> assertThat(c.status()).isEqualTo(status)));
    }

    private static <T> T awaited(Resource<T> resource) {
        return await().until(resource::get, found -> found != null);
    }

    private @Nullable String progressOf(String stream) {
        StreamStatus.Reshard reshard = stream(stream).getStatus().reshard();
        return reshard == null ? null : reshard.progress();
    }

    private StreamStateView state(String stream) {
        return gateway.find(new StreamName(stream)).orElseThrow();
    }

    private Stream stream(String name) {
        return streams(name).get();
    }

    private Resource<Stream> streams(String name) {
        return admin.resources(Stream.class).inNamespace(namespace).withName(name);
    }

    private Resource<BrokerPool> pools(String name) {
        return admin.resources(BrokerPool.class).inNamespace(namespace).withName(name);
    }

    private List<Event> events(String about) {
        return admin.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(about))
                .toList();
    }

    private static Optional<Condition> condition(Stream stream, String type) {
        return stream.getStatus() == null
                ? Optional.empty()
                : find(stream.getStatus().conditions(), type);
    }

    private static Optional<Condition> conditionOf(BrokerPool pool, String type) {
        return pool.getStatus() == null
                ? Optional.empty()
                : find(pool.getStatus().conditions(), type);
    }

    private static Optional<Condition> find(@Nullable List<Condition> conditions, String type) {
        return conditions == null
                ? Optional.empty()
                : conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    private static ResourceEventHandler<Stream> recordInto(
            ConcurrentLinkedQueue<StreamStatus> seen) {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(Stream stream) {
                seen.add(stream.getStatus());
            }

            @Override
            public void onUpdate(Stream before, Stream stream) {
                seen.add(stream.getStatus());
            }

            @Override
            public void onDelete(Stream stream, boolean unknown) {}
        };
    }
}
