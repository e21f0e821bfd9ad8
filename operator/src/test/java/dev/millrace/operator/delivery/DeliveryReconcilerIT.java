/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.crds.Condition;
import dev.millrace.crds.apiserver.ApiServer;
import dev.millrace.crds.apiserver.WithApiServer;
import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamStatus;
import dev.millrace.crds.delivery.DeliveryStreamStatus.LastError;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.operator.control.InMemoryPoolControl;
import dev.millrace.operator.pool.ChartRole;
import dev.millrace.shard.StreamName;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a user sees of DeliveryStreams: a real API server, the real controllers with the chart's
 * role, a gateway in memory. No pod runs: the tests say what the Deployment and the workers say.
 */
@ExtendWith(WithApiServer.class)
class DeliveryReconcilerIT {

    private static final Duration WITHIN = Duration.ofSeconds(15);
    private static final StreamName BUFFER = new StreamName("firehose.lake");
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final WorkerReport WELL = report(Optional.empty(), 5);

    /** May do what the chart lets an operator do, and nothing else. */
    private static KubernetesClient account;

    private final KubernetesClient client;
    private final String namespace;
    private final InMemoryPoolControl gateway = new InMemoryPoolControl(InstantSource.system());
    private final DeliveryOperator operator;

    DeliveryReconcilerIT(ApiServer server) {
        client = server.admin();
        namespace = server.namespace("delivery");
        operator = new DeliveryOperator(account, namespace, gateway);
    }

    @BeforeAll
    static void theChartsRole(ApiServer server) throws Exception {
        account = ChartRole.client(server);
    }

    @AfterAll
    static void leave() {
        account.close();
    }

    @BeforeEach
    void aPoolThatIsReady() {
        create("BrokerPool", "default", "{}");
        poolReady();
    }

    @AfterEach
    void stop() {
        operator.close();
    }

    @Test
    void whatIsPutDirectlyGetsABufferAndWorkers() {
        create("DeliveryStream", "lake", "{destination: {s3: {bucket: lake, prefix: raw/}}}");

        awaitStream(
                "lake",
                stream -> {
                    assertCondition(stream, "Ready", "False", "WorkersStarting");
                    assertCondition(stream, "Reconciling", "True", "WorkersUpdating");
                    assertCondition(stream, "DestinationReachable", "Unknown", "NotKnown");
                });
        assertThat(gateway.find(BUFFER)).isPresent();
        Deployment workers = deployment("lake").get();
        assertThat(workers.getSpec().getReplicas()).isEqualTo(1);
        assertThat(workers.getMetadata().getLabels())
                .containsEntry("app.kubernetes.io/component", "delivery")
                .containsEntry("app.kubernetes.io/managed-by", "millrace-operator");
        assertThat(workers.getMetadata().getOwnerReferences().getFirst().getKind())
                .isEqualTo("DeliveryStream");
        assertThat(environment(workers))
                .containsEntry("MILLRACE_BOOTSTRAP_SERVERS", "default-kafka:9092")
                .containsEntry("MILLRACE_DELIVERY_STREAM", "lake")
                .containsEntry("MILLRACE_NAMESPACE", namespace);
        for (HasMetadata made :
                List.of(
                        get(ServiceAccount.class),
                        get(ConfigMap.class),
                        get(PodDisruptionBudget.class))) {
            assertThat(made.getMetadata().getOwnerReferences()).hasSize(1);
        }

        operator.workersSay(WELL);
        workersReady("lake", 1);

        awaitStream(
                "lake",
                stream -> {
                    assertCondition(stream, "Ready", "True", "Delivering");
                    assertCondition(stream, "SourceReady", "True", "Reading");
                    assertCondition(stream, "DestinationReachable", "True", "Delivering");
                    assertCondition(stream, "DeliveryHealthy", "True", "Delivering");
                    assertThat(types(stream)).doesNotContain("Reconciling", "Stalled");
                    DeliveryStreamStatus status = stream.getStatus();
                    assertThat(status.deliveryStreamStatus()).isEqualTo("ACTIVE");
                    assertThat(status.deliveryStreamARN())
                            .isEqualTo(
                                    "arn:aws:firehose:us-east-1:000000000000:deliverystream/lake");
                    assertThat(status.versionId()).isEqualTo("1");
                    assertThat(status.from()).isEqualTo("DirectPut");
                    assertThat(status.to()).isEqualTo("s3://lake/raw/");
                    assertThat(status.sourceStream()).isEqualTo("firehose.lake");
                    assertThat(status.freshness()).isEqualTo("5s");
                    assertThat(status.readyReplicas()).isEqualTo(1);
                    assertThat(status.observedGeneration())
                            .isEqualTo(stream.getMetadata().getGeneration());
                });
    }

    @Test
    void aStreamAsSourceIsWaitedFor() {
        create(
                "DeliveryStream",
                "copy",
                "{source: {type: Stream, streamRef: {name: orders}}, destination: {s3: {bucket: lake}}}");
        awaitStream(
                "copy",
                stream -> {
                    assertCondition(stream, "Ready", "False", "SourceNotFound");
                    assertCondition(stream, "SourceReady", "False", "SourceNotFound");
                });
        assertThat(deployment("copy").get()).isNull();
        await().atMost(WITHIN).until(() -> events("copy").contains("SourceNotFound"));

        create("Stream", "orders", "{streamName: Orders_v1}");
        client.resources(dev.millrace.crds.stream.Stream.class)
                .inNamespace(namespace)
                .withName("orders")
                .subresource("status")
                .patch(MERGE, "{\"status\": {\"streamId\": \"abc\"}}");

        await().atMost(WITHIN).until(() -> deployment("copy").get() != null);
        assertThat(configuration("copy")).contains("\"sourceStream\":\"Orders_v1\"");
        // Or the API would not know of it.
        assertThat(gateway.find(new StreamName("firehose.copy")).orElseThrow().delivery())
                .hasValueSatisfying(text -> assertThat(text).contains("\"streamRef\""));
    }

    @Test
    void aMissingSecretIsNamedAndHeals() {
        create(
                "DeliveryStream",
                "lake",
                "{destination: {s3: {bucket: lake, credentialsSecretRef: {name: keys}}}}");
        awaitStream(
                "lake",
                stream -> {
                    assertCondition(stream, "Ready", "False", "SecretNotFound");
                    assertThat(message(stream, "Ready"))
                            .contains("Secret keys with accessKeyId and secretAccessKey");
                });
        await().atMost(WITHIN).until(() -> events("lake").contains("SecretNotFound"));
        assertThat(deployment("lake").get()).isNull();

        secret("keys", Map.of("accessKeyId", "a"));
        awaitStream("lake", stream -> assertThat(message(stream, "Ready")).contains("has no"));

        secret("keys", Map.of("accessKeyId", "a", "secretAccessKey", "b"));
        await().atMost(WITHIN).until(() -> deployment("lake").get() != null);
        assertThat(
                        deployment("lake")
                                .get()
                                .getSpec()
                                .getTemplate()
                                .getSpec()
                                .getContainers()
                                .getFirst()
                                .getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .contains("/etc/millrace/delivery/secrets/keys");
        String before = annotation("lake", DeliveryObjects.SECRETS_HASH);

        secret("keys", Map.of("accessKeyId", "a", "secretAccessKey", "c"));
        await().atMost(WITHIN)
                .until(() -> !annotation("lake", DeliveryObjects.SECRETS_HASH).equals(before));
    }

    @Test
    void aChangeOfTheConfigurationIsTheNextVersionAndGoesToTheWorkers() {
        running("lake", "{destination: {s3: {bucket: lake}}}");
        String before = annotation("lake", DeliveryObjects.CONFIGURATION_HASH);

        spec("lake", "{\"destination\": {\"s3\": {\"prefix\": \"new/\"}}}");
        awaitStream(
                "lake",
                stream -> {
                    assertThat(stream.getStatus().versionId()).isEqualTo("2");
                    assertThat(stream.getStatus().to()).isEqualTo("s3://lake/new/");
                });
        assertThat(annotation("lake", DeliveryObjects.CONFIGURATION_HASH)).isNotEqualTo(before);
        assertThat(configuration("lake")).contains("\"versionId\":\"2\"").contains("new/");
        assertThat(events("lake")).contains("ConfigurationChanged");

        String second = annotation("lake", DeliveryObjects.CONFIGURATION_HASH);
        spec("lake", "{\"replicas\": 3}");
        await().atMost(WITHIN)
                .until(() -> deployment("lake").get().getSpec().getReplicas().equals(3));
        assertThat(annotation("lake", DeliveryObjects.CONFIGURATION_HASH)).isEqualTo(second);
        assertThat(streams("lake").get().getStatus().versionId()).isEqualTo("2");
    }

    @Test
    void aDestinationThatDoesNotAnswerIsToldAndHeals() {
        running("lake", "{destination: {s3: {bucket: lake}}}");

        operator.workersSay(report(Optional.of("S3.NoSuchBucket: there is no lake"), 300));
        awaitStream(
                "lake",
                stream -> {
                    assertCondition(stream, "Ready", "False", "DestinationUnreachable");
                    assertCondition(
                            stream, "DestinationReachable", "False", "DestinationUnreachable");
                    assertThat(message(stream, "DestinationReachable"))
                            .isEqualTo("S3.NoSuchBucket: there is no lake");
                    assertCondition(stream, "DeliveryHealthy", "False", "DeliveryFails");
                });
        await().atMost(WITHIN).until(() -> events("lake").contains("DestinationUnreachable"));

        operator.workersSay(WELL);
        awaitStream("lake", stream -> assertCondition(stream, "Ready", "True", "Delivering"));
    }

    @Test
    void suspendedHasNoWorkersAndIsReadyForThoseThatWait() {
        running("lake", "{destination: {s3: {bucket: lake}}}");

        spec("lake", "{\"state\": \"Suspended\"}");
        awaitStream(
                "lake",
                stream -> {
                    assertCondition(stream, "Ready", "True", "Suspended");
                    assertThat(stream.getStatus().deliveryStreamStatus()).isEqualTo("SUSPENDED");
                });
        assertThat(deployment("lake").get().getSpec().getReplicas()).isZero();
        assertThat(gateway.find(BUFFER)).isPresent();

        spec("lake", "{\"state\": \"Running\"}");
        await().atMost(WITHIN)
                .until(() -> deployment("lake").get().getSpec().getReplicas().equals(1));
    }

    /** Otherwise an operator with a thousand delivery streams would write all day. */
    @Test
    void whatDoesNotChangeIsNotWritten() {
        running("lake", "{destination: {s3: {bucket: lake}}}");
        await().atMost(WITHIN).until(() -> types(streams("lake").get()).size() == 4);
        awaitLooks(3);
        List<String> versions = versions();
        int writes = operator.writes();

        awaitLooks(10);

        assertThat(versions()).isEqualTo(versions);
        assertThat(operator.writes()).isEqualTo(writes);

        // Moving figures wait for their minute.
        operator.workersSay(report(Optional.empty(), 9));
        awaitLooks(10);
        assertThat(versions()).isEqualTo(versions);
    }

    @Test
    void theBufferGoesWithTheResource() {
        running("lake", "{destination: {s3: {bucket: lake}}}");
        assertThat(streams("lake").get().getMetadata().getFinalizers())
                .containsExactly(DeliveryNames.FINALIZER);

        streams("lake").delete();

        await().atMost(WITHIN).until(() -> streams("lake").get() == null);
        assertThat(gateway.find(BUFFER)).isEmpty();
        assertThat(deployment("lake").get()).isNull();
    }

    @Test
    void whatIsRetainedIsTakenUpByTheNext() {
        running("lake", "{deletionPolicy: Retain, destination: {s3: {bucket: lake}}}");
        streams("lake").delete();
        await().atMost(WITHIN).until(() -> streams("lake").get() == null);
        var kept = gateway.find(BUFFER).orElseThrow();

        // The owner is gone, though no garbage collector runs here.
        deployment("lake").delete();
        running("lake", "{destination: {s3: {bucket: lake}}}");

        assertThat(gateway.find(BUFFER).orElseThrow().id()).isEqualTo(kept.id());
        assertThat(gateway.find(BUFFER).orElseThrow().ownerUid())
                .contains(streams("lake").get().getMetadata().getUid());
    }

    @Test
    void aNameThatIsTakenStallsTheSecond() {
        running("lake", "{destination: {s3: {bucket: lake}}}");
        create(
                "DeliveryStream",
                "second",
                "{deliveryStreamName: lake, destination: {s3: {bucket: other}}}");
        awaitStream(
                "second",
                stream -> {
                    assertCondition(stream, "Ready", "False", "NameTaken");
                    assertCondition(stream, "Stalled", "True", "NameTaken");
                });
        assertThat(deployment("second").get()).isNull();

        streams("second").delete();
        await().atMost(WITHIN).until(() -> streams("second").get() == null);
        assertThat(gateway.find(BUFFER)).isPresent();
    }

    @Test
    void whoPausesItIsObeyed() {
        running("lake", "{destination: {s3: {bucket: lake}}}");
        streams("lake")
                .patch(
                        MERGE,
                        "{\"metadata\": {\"annotations\": {\"millrace.dev/pause-reconciliation\": \"true\"}}, \"spec\": {\"replicas\": 5}}");
        awaitStream(
                "lake",
                stream -> assertCondition(stream, "ReconciliationPaused", "True", "Paused"));
        assertThat(deployment("lake").get().getSpec().getReplicas()).isEqualTo(1);
    }

    @Test
    void theApiIsToldOfSpecAndSpecOfTheApi() {
        running("lake", "{destination: {s3: {bucket: lake, prefix: a/}}}");
        String told = gateway.find(BUFFER).orElseThrow().delivery().orElseThrow();
        assertThat(told).contains("\"prefix\":\"a/\"").contains("\"version\":\"1\"");

        gateway.define(
                BUFFER, told.replace("a/", "b/").replace("\"version\":\"1\"", "\"version\":\"2\""));
        awaitStream(
                "lake",
                stream -> {
                    assertThat(stream.getStatus().to()).isEqualTo("s3://lake/b/");
                    assertThat(stream.getStatus().versionId()).isEqualTo("2");
                });
        assertThat(streams("lake").get().getMetadata().getManagedFields())
                .anyMatch(fields -> fields.getManager().equals("millrace-api"));
        await().atMost(WITHIN).until(() -> events("lake").contains("ChangedThroughApi"));

        spec(
                "lake",
                "{\"destination\": {\"s3\": {\"prefix\": \"c/\"}}, \"tags\": {\"team\": \"red\"}}");
        await().atMost(WITHIN)
                .untilAsserted(() ->
                        assertThat(gateway.find(BUFFER).orElseThrow().delivery().orElseThrow())
                                .contains("\"prefix\":\"c/\"")
                                .contains("\"version\":\"3\"")
                                .contains("\"team\":\"red\""));
        awaitStream(
                "lake", stream -> assertThat(stream.getStatus().to()).isEqualTo("s3://lake/c/"));
    }

    /** Each comes as soon as spec shows the one before, when its status may not be written yet. */
    @Test
    void noChangeThroughTheApiIsUndoneHoweverSoonItComes() {
        running("lake", "{destination: {s3: {bucket: lake, prefix: p0/}}}");
        awaitStream("lake", stream -> assertThat(stream.getStatus().definitionHash()).isNotNull());
        for (int i = 1; i <= 20; i++) {
            String before = gateway.find(BUFFER).orElseThrow().delivery().orElseThrow();
            String prefix = "p" + i + "/";
            gateway.define(BUFFER, before.replace("p" + (i - 1) + "/", prefix));
            await().atMost(WITHIN)
                    .pollInterval(Duration.ofMillis(2))
                    .untilAsserted(() ->
                            assertThat(streams("lake").get().getSpec().destination().s3())
                                    .isNotNull()
                                    .satisfies(s3 -> assertThat(s3.prefix()).isEqualTo(prefix)));
        }
    }

    @Test
    void whatIsMadeThroughTheApiGetsAResourceAndGoesWithIt() {
        StreamName buffer = new StreamName("firehose.To_Lake");
        gateway.define(
                buffer,
                """
                {"spec": {"source": {"type": "DirectPut"}, "destination": {"s3": {"bucket": "lake", "compression": "GZIP"}}},
                 "aws": {"kind": "ExtendedS3", "config": {"BucketARN": "arn:aws:s3:::lake"}}, "version": "1", "tags": {"a": "b"}}
                """);
        gateway.step();
        new ApiDeliveries(account)
                .giveResource(
                        new dev.millrace.operator.control.PoolRef(namespace, "default"),
                        gateway.find(buffer).orElseThrow());

        String name = ApiDeliveries.safe("To_Lake");
        assertThat(name).startsWith("to-lake-");
        await().atMost(WITHIN).until(() -> deployment(name).get() != null);
        DeliveryStream made = streams(name).get();
        assertThat(made.deliveryStreamName()).isEqualTo("To_Lake");
        assertThat(made.getSpec().tags()).containsEntry("a", "b");
        assertThat(made.getMetadata().getAnnotations())
                .containsEntry("millrace.dev/created-by", "api");
        // The API's own words are left alone by a resource that says the same.
        assertThat(gateway.find(buffer).orElseThrow().delivery().orElseThrow())
                .contains("BucketARN");
        awaitStream(name, stream -> assertThat(stream.getStatus().definitionHash()).isNotNull());

        gateway.deleteStream(buffer);
        gateway.step();
        await().atMost(WITHIN).until(() -> streams(name).get() == null);
    }

    /** The operator's list of streams is a moment old: it must not make anew what went since. */
    @Test
    void whatIsDeletedThroughTheApiRightAfterAChangeStaysDeleted() {
        running("lake", "{destination: {s3: {bucket: lake, prefix: a/}}}");
        awaitStream("lake", stream -> assertThat(stream.getStatus().definitionHash()).isNotNull());
        operator.keepList();
        gateway.deleteStream(BUFFER);
        gateway.step();
        spec("lake", "{\"tags\": {\"cost\": \"7\"}}");
        awaitStream(
                "lake",
                stream -> assertCondition(stream, "SourceReady", "False", "SourceNotReady"));
        assertThat(gateway.find(BUFFER)).isEmpty();
        operator.listAnew();
        await().atMost(WITHIN).until(() -> streams("lake").get() == null);
    }

    /** What CreateChannel leaves behind, word by word: ChannelApiTest has the same. */
    @Test
    void aChannelGetsAResourceLikeAnyDelivery() {
        StreamName toS3 = new StreamName("firehose.channel-lake");
        gateway.define(
                toS3,
                """
                {"spec": {"source":{"type":"Stream","startingPosition":"LATEST","streamRef":{"name":"orders"}},"destination":{"s3":{"bucket":"lake","credentialsSecretRef":{"name":"lake-keys"},"prefix":"orders/","errorOutputPrefix":"errors/","compression":"GZIP","buffering":{"sizeMiB":64,"intervalSeconds":300}}},"processing":{"enabled":true,"processors":[{"type":"AppendDelimiterToRecord"}]}},
                 "version": "1", "updatedAt": "2026-11-01T00:00:00Z", "tags": {}}
                """);
        StreamName toTable = new StreamName("firehose.channel-table");
        gateway.define(
                toTable,
                """
                {"spec": {"source":{"type":"Stream","startingPosition":"LATEST","streamRef":{"name":"orders"}},"destination":{"iceberg":{"catalog":{"type":"REST","uri":"http://iceberg-rest/","credentialsSecretRef":{"name":"lake-keys"}},"tables":[{"database":"sales","table":"orders"}],"buffering":{"sizeMiB":64,"intervalSeconds":60}}},"backup":{"mode":"FailedDataOnly","s3":{"bucket":"lake","credentialsSecretRef":{"name":"lake-keys"},"errorOutputPrefix":"errors/"}}},
                 "version": "1", "updatedAt": "2026-11-01T00:00:00Z", "tags": {}}
                """);
        gateway.step();
        for (StreamName buffer : List.of(toS3, toTable)) {
            new ApiDeliveries(account)
                    .giveResource(
                            new dev.millrace.operator.control.PoolRef(namespace, "default"),
                            gateway.find(buffer).orElseThrow());
        }

        DeliveryStream bucket = streams("channel-lake").get();
        assertThat(bucket.getSpec().destination().s3()).isNotNull();
        assertThat(bucket.getSpec().source().streamRef()).isNotNull();
        DeliveryStream table = streams("channel-table").get();
        assertThat(table.getSpec().destination().iceberg()).isNotNull();
        awaitStream(
                "channel-lake", stream -> assertThat(stream.getStatus().conditions()).isNotEmpty());
        awaitStream(
                "channel-table",
                stream -> assertThat(stream.getStatus().conditions()).isNotEmpty());
    }

    // ---

    private void running(String name, String spec) {
        create("DeliveryStream", name, spec);
        await().atMost(WITHIN).until(() -> deployment(name).get() != null);
        operator.workersSay(WELL);
        workersReady(name, 1);
        awaitStream(name, stream -> assertCondition(stream, "Ready", "True", "Delivering"));
    }

    private static WorkerReport report(Optional<String> destinationProblem, double freshness) {
        return new WorkerReport(
                1,
                1,
                0,
                0,
                freshness,
                7,
                0,
                0,
                Optional.of(Instant.parse("2026-11-01T10:00:00Z")),
                destinationProblem.map(message ->
                        new LastError("S3.NoSuchBucket", message, "2026-11-01T10:00:00Z")),
                Optional.empty(),
                destinationProblem,
                destinationProblem);
    }

    private void awaitLooks(int more) {
        int from = operator.looks();
        await().atMost(WITHIN).until(() -> operator.looks() >= from + more);
    }

    private List<String> versions() {
        return List.of(
                streams("lake").get().getMetadata().getResourceVersion(),
                deployment("lake").get().getMetadata().getResourceVersion(),
                get(ServiceAccount.class).getMetadata().getResourceVersion(),
                get(ConfigMap.class).getMetadata().getResourceVersion(),
                get(PodDisruptionBudget.class).getMetadata().getResourceVersion());
    }

    private void workersReady(String name, int replicas) {
        Deployment workers = deployment(name).get();
        deployment(name)
                .subresource("status")
                .patch(
                        MERGE,
                        """
                        {"status": {"observedGeneration": %d, "replicas": %2$d, "readyReplicas": %2$d,
                          "updatedReplicas": %2$d, "availableReplicas": %2$d}}
                        """
                                .formatted(workers.getMetadata().getGeneration(), replicas));
    }

    private void poolReady() {
        client.resources(BrokerPool.class)
                .inNamespace(namespace)
                .withName("default")
                .subresource("status")
                .patch(
                        MERGE,
                        """
                        {"status": {"bootstrapServers": "default-kafka:9092", "conditions": [
                          {"type": "Ready", "status": "True", "reason": "AllBrokersReady", "message": "",
                           "lastTransitionTime": "2026-11-01T00:00:00Z", "observedGeneration": 1}]}}
                        """);
    }

    private void awaitStream(String name, Consumer<DeliveryStream> assertions) {
        await().atMost(WITHIN)
                .untilAsserted(() -> {
                    DeliveryStream stream = streams(name).get();
                    assertThat(stream.getStatus()).isNotNull();
                    assertions.accept(stream);
                });
    }

    private static void assertCondition(
            DeliveryStream stream, String type, String status, String reason) {
        assertThat(stream.getStatus().conditions())
                .filteredOn(condition -> condition.type().equals(type))
                .extracting(Condition::status, Condition::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(status, reason));
    }

    private static String message(DeliveryStream stream, String type) {
        return DeliveryConditions.find(stream.getStatus().conditions(), type)
                .map(Condition::message)
                .orElse("");
    }

    private static List<String> types(DeliveryStream stream) {
        return stream.getStatus().conditions().stream().map(Condition::type).toList();
    }

    private List<String> events(String name) {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(name))
                .map(Event::getReason)
                .toList();
    }

    private static Map<String, String> environment(Deployment workers) {
        return workers
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv()
                .stream()
                .filter(variable -> variable.getValue() != null)
                .collect(
                        java.util.stream.Collectors.toMap(
                                variable -> variable.getName(), variable -> variable.getValue()));
    }

    private String annotation(String name, String annotation) {
        return Objects.requireNonNull(
                deployment(name)
                        .get()
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getAnnotations()
                        .get(annotation));
    }

    private String configuration(String name) {
        return client.configMaps()
                .inNamespace(namespace)
                .withName(name + "-delivery")
                .get()
                .getData()
                .getOrDefault("spec.json", "");
    }

    private <T extends HasMetadata> T get(Class<T> type) {
        return client.resources(type).inNamespace(namespace).withName("lake-delivery").get();
    }

    private void secret(String name, Map<String, String> data) {
        Secret secret =
                new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withStringData(data)
                        .build();
        client.resource(secret).serverSideApply();
    }

    private void spec(String name, String change) {
        streams(name).patch(MERGE, "{\"spec\": %s}".formatted(change));
    }

    private Resource<DeliveryStream> streams(String name) {
        return client.resources(DeliveryStream.class).inNamespace(namespace).withName(name);
    }

    private Resource<Deployment> deployment(String name) {
        return client.resources(Deployment.class)
                .inNamespace(namespace)
                .withName(name + "-delivery");
    }

    private void create(String kind, String name, String spec) {
        client.resource(
                        Serialization.unmarshal(
                                """
                                apiVersion: millrace.dev/v1beta1
                                kind: %s
                                metadata: {name: %s, namespace: %s}
                                spec: %s
                                """
                                        .formatted(kind, name, namespace, spec),
                                GenericKubernetesResource.class))
                .create();
    }
}
