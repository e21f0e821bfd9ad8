/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.crds.Condition;
import dev.millrace.crds.analytics.AnalyticsApplication;
import dev.millrace.crds.analytics.AnalyticsApplicationSpec;
import dev.millrace.crds.analytics.AnalyticsApplicationStatus;
import dev.millrace.crds.apiserver.ApiServer;
import dev.millrace.crds.apiserver.WithApiServer;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.pool.ChartRole;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a user sees of AnalyticsApplications: a real API server and the real controller with the
 * chart's role. No pod runs: the tests say what the Deployment and the runner say.
 */
@ExtendWith(WithApiServer.class)
class AnalyticsReconcilerIT {

    private static final Duration WITHIN = Duration.ofSeconds(15);
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final String SPEC =
            "inputs: [{name: orders, streamRef: {name: orders}}], outputs: [{name: revenue, streamRef: {name: revenue}}]";
    private static final String SQL = "INSERT INTO revenue SELECT _data FROM orders";

    /** May do what the chart lets an operator do, and nothing else. */
    private static KubernetesClient account;

    private final KubernetesClient client;
    private final String namespace;
    private final AnalyticsOperator operator;

    AnalyticsReconcilerIT(ApiServer server) {
        client = server.admin();
        namespace = server.namespace("analytics");
        operator = new AnalyticsOperator(account, namespace);
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

    @AfterEach
    void stop() {
        operator.close();
    }

    @Test
    void whatIsMissingIsNamedInTurnAndHeals() {
        create(
                "AnalyticsApplication",
                "revenue",
                "{%s, sqlConfigMapRef: {name: code, key: main.sql}, catalogs: [{name: crm_db, secretRef: {name: crm}}]}"
                        .formatted(SPEC));
        awaitStatus(status -> {
            assertCondition(status, "Ready", "False", "InputNotFound");
            assertCondition(status, "InputsReady", "False", "InputNotFound");
            assertCondition(status, "Reconciling", "True", "InputNotFound");
        });
        await().atMost(WITHIN).until(() -> events().contains("InputNotFound"));
        stream("orders");
        awaitStatus(status -> {
            assertCondition(status, "Ready", "False", "OutputNotFound");
            assertCondition(status, "InputsReady", "True", "StreamsReady");
            assertCondition(status, "OutputsReady", "False", "OutputNotFound");
        });
        stream("revenue");
        awaitStatus(status -> {
            assertCondition(status, "Ready", "False", "ConfigMapNotFound");
            assertCondition(status, "InputsReady", "True", "StreamsReady");
            assertCondition(status, "OutputsReady", "True", "StreamsReady");
            assertThat(message(status, "Ready")).contains("ConfigMap code with the key main.sql");
        });
        object("ConfigMap", "code", "data: {main.sql: %s}".formatted(SQL));
        awaitStatus(status -> {
            assertCondition(status, "Ready", "False", "SecretNotFound");
            assertCondition(status, "InputsReady", "True", "StreamsReady");
            assertThat(message(status, "Ready")).contains("Secret crm is not there");
        });
        assertThat(pods().get()).isNull();
        object("Secret", "crm", "stringData: {catalog.properties: connector.name=memory}");

        await().atMost(WITHIN).until(() -> pods().get() != null);
        assertThat(containers())
                .extracting(Container::getName, Container::getImage)
                .containsExactly(
                        Tuple.tuple("runner", "millrace/sql:test"),
                        Tuple.tuple("trino", "millrace/sql:test"));
        assertThat(containers().getLast().getVolumeMounts())
                .anySatisfy(mount -> {
                    assertThat(mount.getName()).isEqualTo("catalog-crm-db");
                    assertThat(mount.getMountPath())
                            .isEqualTo("/etc/millrace/analytics/catalogs/crm_db");
                });
        assertThat(settings()).contains("\"code\":\"" + SQL).contains("\"stream\":\"orders\"");
        for (HasMetadata made :
                List.of(pods().get(), made(ConfigMap.class), made(ServiceAccount.class))) {
            assertThat(made.getMetadata().getOwnerReferences()).hasSize(1);
        }
    }

    @Test
    void streamsOfSeveralPoolsStall() {
        stream("orders");
        create("Stream", "revenue", "{pool: other}");
        create("AnalyticsApplication", "revenue", "{%s, sql: '%s'}".formatted(SPEC, SQL));
        awaitStatus(status -> {
            assertCondition(status, "Ready", "False", "InvalidArgument");
            assertCondition(status, "Stalled", "True", "InvalidArgument");
            assertThat(message(status, "Ready")).contains("default, other");
        });
        assertThat(pods().get()).isNull();
    }

    @Test
    void whatTheRunnerSaysIsInTheStatus() {
        running();
        awaitStatus(status -> {
            assertThat(status.applicationStatus()).isEqualTo("RUNNING");
            assertThat(status.lastValidSql()).isEqualTo(SQL);
            assertThat(status.behind()).isEqualTo("3s");
            assertThat(status.rowsOut()).isEqualTo(7);
            assertCondition(status, "CodeValid", "True", "CodeAccepted");
        });

        operator.runnerSays(report("1", Optional.empty(), Optional.of("QUERY_FAILED: no memory")));
        awaitStatus(status -> {
            assertCondition(status, "Ready", "False", "QueryFails");
            assertThat(message(status, "Ready")).contains("no memory");
        });
        await().atMost(WITHIN).until(() -> events().contains("QueryFails"));

        operator.runnerSays(report("1", Optional.empty(), Optional.empty()));
        awaitStatus(status -> assertCondition(status, "Ready", "True", "Running"));
    }

    @Test
    void anotherSqlIsTheNextVersionAndABadOneLeavesTheLastGoodOne() {
        running();
        spec("{\"sql\": \"SELEC 1\"}");
        awaitStatus(status -> assertThat(status.versionId()).isEqualTo("2"));
        assertThat(settings()).contains("\"fallbackCode\":\"" + SQL);
        operator.runnerSays(
                report("2", Optional.of("line 1:1: mismatched input 'SELEC'"), Optional.empty()));

        awaitStatus(status -> {
            assertCondition(status, "CodeValid", "False", "CodeRefused");
            assertCondition(status, "Stalled", "True", "CodeRefused");
            assertThat(status.applicationStatus()).isEqualTo("RUNNING");
            assertThat(status.lastValidSql()).isEqualTo(SQL);
            assertThat(message(status, "Ready")).contains("goes on").contains("line 1:1");
        });
        assertThat(events()).contains("ConfigurationChanged", "CodeRefused");
    }

    /** A version is what the runner reads: the size of the pod and its place are not. */
    @Test
    void whatTheRunnerDoesNotReadIsNoVersion() {
        running();
        spec(
                "{\"restartNonce\": 4, \"engine\": {\"resources\": {\"requests\": {\"cpu\": \"2\"}}}}");
        await().atMost(WITHIN)
                .untilAsserted(() ->
                        assertThat(containers().getLast().getResources().getRequests())
                                .containsKey("cpu")
                                .doesNotContainKey("memory"));
        assertThat(status().versionId()).isEqualTo("1");
    }

    /** As the runner says it, in its own form. */
    private static RunnerReport proposal(String version) throws Exception {
        return RunnerReport.parse(
                new com.fasterxml.jackson.databind.ObjectMapper()
                        .readTree(
                                """
                                {"state": "STOPPED", "version": "%s", "proposals": [{"input": "orders", "records": 87, "otherRecords": 1,
                                  "format": {"type": "CSV", "delimiter": ";"}, "columns": [{"name": "col_1", "type": "bigint"}], "rowtime": "col_2"}],
                                 "inputProblem": {"reason": "ColumnsMissing", "message": "The input orders has no columns"}}
                                """
                                        .formatted(version)));
    }

    @Test
    void columnsThatAreMissingAreProposedAndTakenWhereThatIsWanted() throws Exception {
        running();
        operator.runnerSays(proposal("1"));
        awaitStatus(status -> {
            assertCondition(status, "Ready", "False", "ColumnsMissing");
            assertCondition(status, "InputsReady", "False", "ColumnsMissing");
            assertCondition(status, "Stalled", "True", "ColumnsMissing");
            assertThat(status.applicationStatus()).isEqualTo("READY");
            assertThat(status.proposedSchemas()).hasSize(1);
            assertThat(status.proposedSchemas().getFirst().columns())
                    .extracting(AnalyticsApplicationSpec.Column::name)
                    .containsExactly("col_1");
            assertThat(status.proposedSchemas().getFirst().rowtimeColumn()).isEqualTo("col_2");
        });
        assertThat(settings()).doesNotContain("col_1");

        spec(
                "{\"inputs\": [{\"name\": \"orders\", \"streamRef\": {\"name\": \"orders\"}, \"columnDiscovery\": \"Adopt\"}]}");
        await().atMost(WITHIN)
                .untilAsserted(() ->
                        assertThat(settings())
                                .contains("\"name\":\"col_1\"")
                                .contains("\"delimiter\":\";\""));
        operator.runnerSays(report("2", Optional.empty(), Optional.empty()));
        awaitStatus(status -> {
            assertCondition(status, "Ready", "True", "Running");
            assertThat(status.proposedSchemas()).hasSize(1);
        });
        assertThat(settings()).contains("\"name\":\"col_1\"");
    }

    @Test
    void workersShareTheWorkAndComeAndGoByAPatch() {
        running();
        spec("{\"engine\": {\"workers\": 2}}");
        await().atMost(WITHIN).until(() -> deployment("revenue-analytics-workers").get() != null);
        Deployment workers = deployment("revenue-analytics-workers").get();
        assertThat(workers.getSpec().getReplicas()).isEqualTo(2);
        assertThat(workers.getSpec().getSelector().getMatchLabels())
                .isNotEqualTo(pods().get().getSpec().getSelector().getMatchLabels());
        Container worker = workers.getSpec().getTemplate().getSpec().getContainers().getFirst();
        assertThat(worker.getEnv())
                .anySatisfy(variable -> {
                    assertThat(variable.getName()).isEqualTo("MILLRACE_TRINO_COORDINATOR");
                    assertThat(variable.getValue())
                            .isEqualTo("http://revenue-analytics-trino:8080");
                });
        assertThat(containers().getLast().getEnv())
                .extracting(EnvVar::getName)
                .contains("MILLRACE_TRINO_SECRET")
                .doesNotContain("MILLRACE_TRINO_COORDINATOR");
        assertThat(
                        client.services()
                                .inNamespace(namespace)
                                .withName("revenue-analytics-trino")
                                .get()
                                .getSpec()
                                .getSelector())
                .isEqualTo(pods().get().getSpec().getSelector().getMatchLabels());
        awaitStatus(status -> {
            assertThat(status.readyWorkers()).isZero();
            assertThat(message(status, "Ready")).contains("0 of 2 workers are ready");
        });
        deployment("revenue-analytics-workers")
                .subresource("status")
                .patch(MERGE, "{\"status\": {\"replicas\": 2, \"readyReplicas\": 2}}");
        awaitStatus(status -> {
            assertThat(status.readyWorkers()).isEqualTo(2);
            assertThat(message(status, "Ready")).isEqualTo("The SQL runs");
        });
        assertThat(status().versionId()).isEqualTo("1");

        spec("{\"engine\": {\"workers\": 3}}");
        await().atMost(WITHIN)
                .until(() ->
                        deployment("revenue-analytics-workers").get().getSpec().getReplicas() == 3);
        spec("{\"engine\": {\"workers\": 0}}");
        await().atMost(WITHIN).until(() -> deployment("revenue-analytics-workers").get() == null);
        awaitStatus(status -> assertThat(status.readyWorkers()).isNull());
        assertThat(
                        client.secrets()
                                .inNamespace(namespace)
                                .withName("revenue-analytics-trino")
                                .get())
                .isNull();
    }

    /** A table is looked for by the runner; no stream stands behind the output. */
    @Test
    void anOutputMayBeATableOfACatalog() {
        stream("orders");
        object("Secret", "crm", "stringData: {catalog.properties: connector.name=postgresql}");
        create(
                "AnalyticsApplication",
                "revenue",
                ("{inputs: [{name: orders, streamRef: {name: orders}}], catalogs: [{name: crm, secretRef: {name: crm}}], sql: '%s',"
                                + " outputs: [{name: revenue, table: {catalog: crm, schema: public, name: revenue, keyColumns: [id]}}]}")
                        .formatted(SQL));
        await().atMost(WITHIN).until(() -> pods().get() != null);
        assertThat(settings()).contains("\"keyColumns\":[\"id\"]");
        object("Pod", "revenue-analytics-0", "spec: {containers: [{name: runner, image: none}]}");
        RunnerReport report = report("1", Optional.empty(), Optional.empty());
        operator.runnerSays(
                new RunnerReport(
                        report.state(),
                        report.version(),
                        report.codeValid(),
                        "",
                        report.behindMillis(),
                        9,
                        7,
                        0,
                        0,
                        512,
                        List.of(),
                        Optional.empty(),
                        Optional.of(new RunnerReport.Problem("TableFailed", "no table")),
                        Optional.empty()));
        awaitStatus(status -> {
            assertCondition(status, "OutputsReady", "False", "TableFails");
            assertThat(message(status, "Ready")).contains("no table");
            assertThat(status.stateBytes()).isEqualTo(512);
        });
    }

    @Test
    void stoppedHasNoPodAndIsReadyForThoseThatWait() {
        running();
        spec("{\"state\": \"Stopped\"}");
        awaitStatus(status -> {
            assertCondition(status, "Ready", "True", "Stopped");
            assertThat(status.applicationStatus()).isEqualTo("STOPPED");
        });
        assertThat(pods().get().getSpec().getReplicas()).isZero();
        spec("{\"state\": \"Running\"}");
        await().atMost(WITHIN).until(() -> pods().get().getSpec().getReplicas().equals(1));
    }

    /** Or nobody could stop an application whose stream was deleted beneath it. */
    @Test
    void stopsThoughItsStreamIsGone() {
        running();
        client.resources(Stream.class).inNamespace(namespace).withName("orders").delete();
        awaitStatus(status -> assertCondition(status, "Ready", "False", "InputNotFound"));
        assertThat(pods().get().getSpec().getReplicas()).isOne();

        spec("{\"state\": \"Stopped\"}");
        awaitStatus(status -> {
            assertCondition(status, "Ready", "True", "Stopped");
            assertThat(message(status, "Ready")).contains("Stream orders of the input orders");
        });
        assertThat(pods().get().getSpec().getReplicas()).isZero();

        stream("orders");
        spec("{\"state\": \"Running\"}");
        await().atMost(WITHIN).until(() -> pods().get().getSpec().getReplicas().equals(1));
    }

    /** Otherwise an operator with a thousand applications would write all day. */
    @Test
    void whatDoesNotChangeIsNotWritten() {
        running();
        awaitLooks(3);
        List<String> versions = versions();
        awaitLooks(10);
        assertThat(versions()).isEqualTo(versions);
    }

    @Test
    void whoPausesItIsObeyed() {
        running();
        applications()
                .patch(
                        MERGE,
                        "{\"metadata\": {\"annotations\": {\"millrace.dev/pause-reconciliation\": \"true\"}}, \"spec\": {\"state\": \"Stopped\"}}");
        awaitStatus(status -> assertCondition(status, "ReconciliationPaused", "True", "Paused"));
        assertThat(pods().get().getSpec().getReplicas()).isOne();
    }

    // ---

    private void running() {
        stream("orders");
        stream("revenue");
        create("AnalyticsApplication", "revenue", "{%s, sql: '%s'}".formatted(SPEC, SQL));
        await().atMost(WITHIN).until(() -> pods().get() != null);
        object("Pod", "revenue-analytics-0", "spec: {containers: [{name: runner, image: none}]}");
        operator.runnerSays(report("1", Optional.empty(), Optional.empty()));
        awaitStatus(status -> assertCondition(status, "Ready", "True", "Running"));
    }

    private static RunnerReport report(
            String version, Optional<String> wrong, Optional<String> queryProblem) {
        return new RunnerReport(
                "RUNNING",
                version,
                Optional.of(wrong.isEmpty()),
                wrong.orElse(""),
                Optional.of(3_000L),
                9,
                7,
                0,
                0,
                512,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                queryProblem.map(message -> new RunnerReport.Problem("QueryFailed", message)));
    }

    private void stream(String name) {
        create("Stream", name, "{}");
        client.resources(Stream.class)
                .inNamespace(namespace)
                .withName(name)
                .subresource("status")
                .patch(MERGE, "{\"status\": {\"streamId\": \"abc\"}}");
    }

    private void awaitLooks(int more) {
        int from = operator.looks();
        await().atMost(WITHIN).until(() -> operator.looks() >= from + more);
    }

    private List<String> versions() {
        return List.of(
                applications().get().getMetadata().getResourceVersion(),
                pods().get().getMetadata().getResourceVersion(),
                made(ConfigMap.class).getMetadata().getResourceVersion(),
                made(ServiceAccount.class).getMetadata().getResourceVersion());
    }

    private void awaitStatus(Consumer<AnalyticsApplicationStatus> assertions) {
        await().atMost(WITHIN)
                .untilAsserted(() -> {
                    assertThat(applications().get().getStatus()).isNotNull();
                    assertions.accept(status());
                });
    }

    private AnalyticsApplicationStatus status() {
        return applications().get().getStatus();
    }

    private static void assertCondition(
            AnalyticsApplicationStatus status, String type, String value, String reason) {
        assertThat(status.conditions())
                .filteredOn(condition -> condition.type().equals(type))
                .extracting(Condition::status, Condition::reason)
                .containsExactly(Tuple.tuple(value, reason));
    }

    private static String message(AnalyticsApplicationStatus status, String type) {
        return AnalyticsStatuses.find(status, type).map(Condition::message).orElse("");
    }

    private List<String> events() {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals("revenue"))
                .map(Event::getReason)
                .toList();
    }

    private List<Container> containers() {
        return pods().get().getSpec().getTemplate().getSpec().getContainers();
    }

    private String settings() {
        return made(ConfigMap.class).getData().getOrDefault("spec.json", "");
    }

    private <T extends HasMetadata> T made(Class<T> type) {
        return client.resources(type).inNamespace(namespace).withName("revenue-analytics").get();
    }

    private void spec(String change) {
        applications().patch(MERGE, "{\"spec\": %s}".formatted(change));
    }

    private Resource<AnalyticsApplication> applications() {
        return client.resources(AnalyticsApplication.class)
                .inNamespace(namespace)
                .withName("revenue");
    }

    private Resource<Deployment> pods() {
        return deployment("revenue-analytics");
    }

    private Resource<Deployment> deployment(String name) {
        return client.resources(Deployment.class).inNamespace(namespace).withName(name);
    }

    private void object(String kind, String name, String rest) {
        client.resource(
                        """
                        apiVersion: v1
                        kind: %s
                        metadata: {name: %s, namespace: %s, labels: {app.kubernetes.io/name: millrace,
                          app.kubernetes.io/instance: revenue, app.kubernetes.io/component: analytics}}
                        %s
                        """
                                .formatted(kind, name, namespace, rest))
                .create();
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
