/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.crds.Condition;
import dev.millrace.crds.apiserver.ApiServer;
import dev.millrace.crds.apiserver.WithApiServer;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolSpec.Storage;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user sees of the resources without any operator: an API server says yes or no. */
@ExtendWith(WithApiServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SchemaIT {

    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;
    private final String namespace;

    SchemaIT(ApiServer server) {
        client = server.admin();
        namespace = server.namespace("schema");
    }

    @BeforeAll
    void makeOneOfEach() {
        create("Stream", "orders", "{}");
        create("Stream", "auto", "{mode: ON_DEMAND}");
        create("BrokerPool", "one", "{}");
        create("BrokerPool", "three", "{replicas: 3, storage: {size: 10Gi, className: fast}}");
    }

    @Test
    void aStreamWithNoSpecHasAllDefaults() {
        GenericKubernetesResource made = create("Stream", "bare", null);
        assertThat(json(made.get("spec")))
                .isEqualTo(
                        json(
                                """
                                {"mode": "PROVISIONED", "shardCount": 1, "retentionPeriodHours": 24,
                                 "maxRecordSizeKiB": 1024, "pool": "default",
                                 "deletionPolicy": "Delete", "limits": "Unlimited"}
                                """));
        Stream stream = streams("bare").get();
        assertThat(stream.streamName()).isEqualTo("bare");
        assertThat(stream.getSpec().tags()).isEmpty();
    }

    @Test
    void aPoolWithNoSpecHasAllDefaults() {
        GenericKubernetesResource made = create("BrokerPool", "bare", null);
        assertThat(json(made.get("spec")))
                .isEqualTo(
                        json(
                                """
                                {"replicas": 1, "storage": {"size": "10Gi", "deleteClaim": false},
                                 "gateway": {"service": {"type": "ClusterIP"}}}
                                """));
    }

    /** Or tools that wait would take a resource for ready that nobody has looked at yet. */
    @Test
    void statusBeginsBeforeTheFirstGeneration() {
        assertThat(create("Stream", "unseen", "{}").<Integer>get("status", "observedGeneration"))
                .isEqualTo(-1);
        assertThat(
                        create("BrokerPool", "unseen", "{}")
                                .<Integer>get("status", "observedGeneration"))
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Stream | x | {shardCount: 0} | spec.shardCount | greater than or equal to 1",
                "Stream | x | {shardCount: 10001} | spec.shardCount | less than or equal to 10000",
                "Stream | x | {shardCount: two} | spec.shardCount | integer",
                "Stream | x | {retentionPeriodHours: 23} | spec.retentionPeriodHours | 24",
                "Stream | x | {retentionPeriodHours: 8761} | spec.retentionPeriodHours | 8760",
                "Stream | x | {maxRecordSizeKiB: 10241} | spec.maxRecordSizeKiB | 10240",
                "Stream | x | {mode: SOMETIMES} | spec.mode | ON_DEMAND",
                "Stream | x | {streamName: 'no spaces'} | spec.streamName | should match",
                "Stream | x | {streamName: ''} | spec.streamName | at least 1",
                "Stream | x | {pool: Upper} | spec.pool | should match",
                "Stream | x | {deletionPolicy: Keep} | spec.deletionPolicy | Retain",
                "Stream | x | {limits: none} | spec.limits | Unlimited",
                "Stream | x | {tags: {'': v}} | spec.tags | 1 to 128",
                "Stream | x | {shards: 3} | spec.shards | unknown field",
                "BrokerPool | x | {replicas: 2} | spec.replicas | 1 broker (a laptop) or 3",
                "BrokerPool | x | {replicas: 0} | spec.replicas | greater than or equal to 1",
                "BrokerPool | x | {storage: {size: 0}} | spec.storage.size | string",
                "BrokerPool | x | {storage: {size: '0'}} | spec.storage.size | above zero",
                "BrokerPool | x | {storage: {size: plenty}} | spec.storage.size | should match",
                "BrokerPool | x | {kafka: {config: {listeners: x}}} | spec.kafka.config | cannot set",
                "BrokerPool | x | {kafka: {config: {'a b': x}}} | spec.kafka.config | name of a setting",
                "BrokerPool | x | {kafka: {resources: {limits: {memory: lots}}}} | spec.kafka.resources.limits.memory | should match",
                "BrokerPool | x | {gateway: {service: {nodePort: 30001}}} | spec.gateway.service.nodePort | needs type",
                "BrokerPool | x | {gateway: {service: {type: NodePort, nodePort: 80}}} | spec.gateway.service.nodePort | 30000",
                "BrokerPool | x | {accessKeys: [{}]} | spec.accessKeys[0].secretName | Required",
                "BrokerPool | x | {accessKeys: [{secretName: a}, {secretName: a}]} | spec.accessKeys | Duplicate",
                "BrokerPool | x | {brokers: 3} | spec.brokers | unknown field",
                "BrokerPool | with.dots | {} | metadata.name | Services are named after it",
                "BrokerPool | a-name-of-more-than-forty-characters-in-all | {} | metadata.name | at most 40"
            })
    void badInputIsRefusedByItsField(
            String kind, String name, String spec, String field, String reason) {
        assertThatThrownBy(() -> create(kind, name, spec))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(field)
                .hasMessageContaining(reason);
    }

    @Test
    void aLongResourceNameNeedsAStreamName() {
        String name = "n".repeat(129);
        assertThatThrownBy(() -> create("Stream", name, "{}"))
                .hasMessageContaining("metadata.name")
                .hasMessageContaining("spec.streamName");
        create("Stream", name, "{streamName: short}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Stream | orders | {\"streamName\": \"other\"} | spec.streamName | cannot change",
                "Stream | orders | {\"pool\": \"other\"} | spec.pool | cannot change",
                "Stream | auto | {\"shardCount\": 9} | spec.shardCount | follows the load",
                "BrokerPool | one | {\"replicas\": 3} | spec.replicas | make a new pool",
                "BrokerPool | three | {\"replicas\": 1} | spec.replicas | make a new pool",
                "BrokerPool | three | {\"storage\": {\"size\": \"9Gi\"}} | spec.storage.size | cannot shrink",
                "BrokerPool | three | {\"storage\": {\"size\": \"9999Mi\"}} | spec.storage.size | cannot shrink",
                "BrokerPool | three | {\"storage\": {\"className\": \"slow\"}} | spec.storage.className | cannot change",
                "BrokerPool | three | {\"storage\": {\"className\": null}} | spec.storage.className | cannot change",
                "BrokerPool | one | {\"storage\": {\"className\": \"fast\"}} | spec.storage.className | cannot change"
            })
    void whatCannotChangeIsRefusedByItsField(
            String kind, String name, String change, String field, String reason) {
        assertThatThrownBy(
                        () -> resource(kind, name).patch(MERGE, "{\"spec\": %s}".formatted(change)))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(field)
                .hasMessageContaining(reason);
    }

    @Test
    void poolsGrow() {
        create("BrokerPool", "grows", "{replicas: 3}");
        resource("BrokerPool", "grows")
                .patch(MERGE, "{\"spec\": {\"replicas\": 5, \"storage\": {\"size\": \"0.5Ti\"}}}");
        BrokerPool grown =
                client.resources(BrokerPool.class).inNamespace(namespace).withName("grows").get();
        assertThat(grown.getSpec().replicas()).isEqualTo(5);
        assertThat(grown.getSpec().storage()).extracting(Storage::size).isEqualTo("0.5Ti");
    }

    @Test
    void scaleReadsAndWritesTheShardCount() {
        create("Stream", "scaled", "{shardCount: 2}");
        Stream status = new Stream();
        status.getMetadata().setName("scaled");
        status.getMetadata().setNamespace(namespace);
        status.setStatus(
                new StreamStatus(
                        1L, "ACTIVE", null, null, null, null, null, null, 2, 0, 2, 24, "app=x",
                        null, null, null, List.of()));
        client.resource(status).subresource("status").patch(MERGE);

        Scale before = streams("scaled").scale((Scale) null);
        assertThat(before.getSpec().getReplicas()).isEqualTo(2);
        assertThat(before.getStatus().getReplicas()).isEqualTo(2);
        assertThat(before.getStatus().getSelector()).isEqualTo("app=x");

        before.getSpec().setReplicas(5);
        streams("scaled").scale(before);
        assertThat(streams("scaled").get().getSpec().shardCount()).isEqualTo(5);

        before.getSpec().setReplicas(0);
        before.getMetadata().setResourceVersion(null);
        assertThatThrownBy(() -> streams("scaled").scale(before))
                .hasMessageContaining("spec.shardCount");
    }

    @Test
    void columnsReadFromLeftToRight() throws Exception {
        assertThat(columns("streams", 0))
                .containsExactly(
                        "Name", "Mode", "Desired", "Open", "Reshard", "Status", "Ready", "Age");
        assertThat(columns("streams", 1))
                .containsExactly(
                        "Name",
                        "Mode",
                        "Desired",
                        "Open",
                        "Reshard",
                        "Status",
                        "Ready",
                        "Retention",
                        "Pool",
                        "Reason",
                        "Age");
        assertThat(columns("brokerpools", 0))
                .containsExactly(
                        "Name",
                        "Brokers",
                        "Ready-Brokers",
                        "Streams",
                        "Shards",
                        "Storage",
                        "Ready",
                        "Age");
    }

    /** A condition of each type at most: the list merges by type. */
    @Test
    void conditionsAreOnePerType() {
        create("Stream", "conditions", "{}");
        Stream status = new Stream();
        status.getMetadata().setName("conditions");
        status.getMetadata().setNamespace(namespace);
        Condition ready = new Condition("Ready", "True", "A", "", "2026-11-01T00:00:00Z", 1);
        status.setStatus(
                new StreamStatus(
                        1L,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        List.of(ready, ready)));
        assertThatThrownBy(() -> client.resource(status).subresource("status").patch(MERGE))
                .hasMessageContaining("status.conditions[1]")
                .hasMessageContaining("Duplicate");
    }

    private List<String> columns(String plural, int priority) throws Exception {
        String uri =
                "%s/apis/millrace.dev/v1beta1/namespaces/%s/%s"
                        .formatted(
                                client.getMasterUrl().toString().replaceAll("/$", ""),
                                namespace,
                                plural);
        var request =
                client.getHttpClient()
                        .newHttpRequestBuilder()
                        .uri(uri)
                        .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                        .build();
        String body =
                client.getHttpClient()
                        .sendAsync(request, String.class)
                        .get(10, TimeUnit.SECONDS)
                        .body();
        List<String> names = new ArrayList<>();
        for (JsonNode column : new JsonMapper().readTree(body).path("columnDefinitions")) {
            if (column.path("priority").intValue() <= priority) {
                names.add(column.path("name").asText());
            }
        }
        return names;
    }

    private GenericKubernetesResource create(String kind, String name, @Nullable String spec) {
        String yaml =
                """
                apiVersion: millrace.dev/v1beta1
                kind: %s
                metadata: {name: %s, namespace: %s}
                %s
                """
                        .formatted(kind, name, namespace, spec == null ? "" : "spec: " + spec);
        return client.resource(Serialization.unmarshal(yaml, GenericKubernetesResource.class))
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .create();
    }

    private Resource<GenericKubernetesResource> resource(String kind, String name) {
        return client.genericKubernetesResources("millrace.dev/v1beta1", kind)
                .inNamespace(namespace)
                .withName(name);
    }

    private Resource<Stream> streams(String name) {
        return client.resources(Stream.class).inNamespace(namespace).withName(name);
    }

    private static JsonNode json(Object value) {
        return value instanceof String text
                ? Serialization.unmarshal(text, JsonNode.class)
                : new JsonMapper().valueToTree(Objects.requireNonNull(value));
    }
}
