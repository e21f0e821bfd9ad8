/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.crds.Condition;
import dev.millrace.crds.apiserver.ApiServer;
import dev.millrace.crds.apiserver.WithApiServer;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamSpec;
import dev.millrace.crds.stream.StreamStatus;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.InMemoryPoolControl;
import dev.millrace.operator.pool.ChartRole;
import dev.millrace.shard.StreamName;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a user sees of Streams: a real API server, the real controllers, a gateway in memory. */
@ExtendWith(WithApiServer.class)
class StreamReconcilerIT {

    private static final Duration WITHIN = Duration.ofSeconds(15);
    private static final StreamName ORDERS = new StreamName("orders");
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    /** May do what the chart lets an operator do, and nothing else. */
    private static KubernetesClient account;

    private final KubernetesClient client;
    private final String namespace;
    private final InMemoryPoolControl gateway = new InMemoryPoolControl(InstantSource.system());
    private StreamOperator operator;

    StreamReconcilerIT(ApiServer server) {
        client = server.admin();
        namespace = server.namespace("stream");
        operator = new StreamOperator(account, namespace, gateway);
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
        poolReady("True");
    }

    @AfterEach
    void stop() {
        operator.close();
    }

    @Test
    void aMissingPoolIsMadeAndWaitedFor() {
        create("Stream", "orders", "{pool: other, shardCount: 2}");

        awaitStream(
                "orders",
                stream -> {
                    assertCondition(stream, "Ready", "False", "PoolNotReady");
                    assertCondition(stream, "PoolReady", "False", "PoolNotReady");
                });
        BrokerPool pool = pools("other").get();
        assertThat(pool.getMetadata().getAnnotations())
                .containsEntry("millrace.dev/created-by", "default");
        assertThat(pool.getMetadata().getOwnerReferences()).isEmpty();
        assertThat(events("orders")).contains("PoolCreated");
        assertThat(gateway.find(ORDERS)).isEmpty();

        gateway.moveByItself(true);
        poolReady("other", "True");
        awaitStream("orders", stream -> assertCondition(stream, "Ready", "True", "Active"));
    }

    @Test
    void aNewStreamBecomesActiveAndSaysWhereItIs() {
        create("Stream", "orders", "{shardCount: 2, retentionPeriodHours: 48}");
        awaitStream(
                "orders",
                stream -> {
                    assertThat(status(stream).streamStatus()).isEqualTo("CREATING");
                    assertCondition(stream, "Ready", "False", "Creating");
                    assertCondition(stream, "Reconciling", "True", "Creating");
                });

        gateway.step();

        awaitStream(
                "orders",
                stream -> {
                    assertCondition(stream, "Ready", "True", "Active");
                    StreamStatus status = status(stream);
                    assertThat(status.streamStatus()).isEqualTo("ACTIVE");
                    assertThat(status.openShardCount()).isEqualTo(2);
                    assertThat(status.retentionPeriodHours()).isEqualTo(48);
                    assertThat(status.streamARN()).endsWith("stream/orders");
                    assertThat(status.endpoint()).isEqualTo("http://default-gateway:4567");
                    assertThat(status.bootstrapServers()).isEqualTo("default-kafka:9092");
                    assertThat(status.topic()).isEqualTo("orders");
                    assertThat(status.selector()).contains("default");
                    assertThat(status.applied())
                            .isEqualTo(
                                    new StreamStatus.Applied(
                                            StreamSpec.Mode.PROVISIONED, 2, 48, 1_024));
                    assertThat(status.observedGeneration())
                            .isEqualTo(stream.getMetadata().getGeneration());
                    assertThat(types(stream))
                            .containsExactlyInAnyOrder("Ready", "PoolReady", "Resharding");
                });
        assertThat(events("orders")).contains("Created");
    }

    @Test
    void aReshardShowsItsProgressWhileTheStreamIsReady() {
        active("orders", 2);
        String readySince = condition(stream("orders"), "Ready").lastTransitionTime();

        patch("orders", "{\"spec\":{\"shardCount\":4}}");

        awaitProgress("0/2");
        gateway.step();
        awaitProgress("1/2");
        gateway.step();
        awaitStream(
                "orders",
                stream -> {
                    StreamStatus status = status(stream);
                    assertThat(status.streamStatus()).isEqualTo("ACTIVE");
                    assertThat(status.openShardCount()).isEqualTo(4);
                    assertThat(status.reshard()).isNull();
                    assertThat(Objects.requireNonNull(status.lastReshard()).target()).isEqualTo(4);
                    assertCondition(stream, "Resharding", "False", "NotResharding");
                    assertThat(types(stream)).doesNotContain("Reconciling");
                });
        assertThat(condition(stream("orders"), "Ready").lastTransitionTime()).isEqualTo(readySince);
        assertThat(events("orders")).contains("Resharding", "Resharded");
    }

    @Test
    void aReshardOnItsWayTakesAnotherTarget() {
        active("orders", 2);
        patch("orders", "{\"spec\":{\"shardCount\":6}}");
        awaitProgress("0/4");
        gateway.step();
        awaitProgress("1/4");

        patch("orders", "{\"spec\":{\"shardCount\":1}}");

        awaitStream("orders", stream -> assertThat(status(stream).targetShardCount()).isEqualTo(1));
        gateway.moveByItself(true);
        awaitStream(
                "orders",
                stream -> {
                    assertThat(status(stream).streamStatus()).isEqualTo("ACTIVE");
                    assertThat(status(stream).openShardCount()).isEqualTo(1);
                });
        assertThat(stream("orders").getSpec().shardCount()).isEqualTo(1);
    }

    @Test
    void whatTheApiChangesIsCarriedBackIntoSpec() {
        active("orders", 2);

        gateway.setRetention(ORDERS, 72);
        gateway.updateShardCount(ORDERS, 5);

        awaitStream(
                "orders",
                stream -> {
                    assertThat(stream.getSpec().shardCount()).isEqualTo(5);
                    assertThat(stream.getSpec().retentionPeriodHours()).isEqualTo(72);
                    assertThat(status(stream).applied())
                            .isEqualTo(
                                    new StreamStatus.Applied(
                                            StreamSpec.Mode.PROVISIONED, 5, 72, 1_024));
                    assertThat(status(stream).observedGeneration())
                            .isEqualTo(stream.getMetadata().getGeneration());
                });
        assertThat(stream("orders").getMetadata().getManagedFields())
                .anySatisfy(fields -> {
                    assertThat(fields.getManager()).isEqualTo("millrace-api");
                    assertThat(fields.getFieldsV1().toString()).contains("shardCount");
                });
        assertThat(events("orders"))
                .contains("ShardCountChangedThroughApi", "RetentionChangedThroughApi");
        assertThat(gateway.find(ORDERS).orElseThrow().targetShardCount()).isEqualTo(5);
    }

    @Test
    void aChangeWhileTheOperatorIsDownIsCarriedBackLater() {
        active("orders", 2);
        operator.close();

        gateway.updateShardCount(ORDERS, 5);
        restart();

        awaitStream("orders", stream -> assertThat(stream.getSpec().shardCount()).isEqualTo(5));
        assertThat(gateway.find(ORDERS).orElseThrow().targetShardCount()).isEqualTo(5);
    }

    @Test
    void aCrashAfterSpecWasWrittenLosesNothing() {
        active("orders", 2);
        operator.close();
        gateway.updateShardCount(ORDERS, 5);
        // What the operator had written when it died; its note in status is still the old one.
        new SpecWriter(account)
                .carryBack(stream("orders"), Settings.NONE.with(Setting.SHARD_COUNT, 5));
        assertThat(applied()).isEqualTo(2);

        restart();

        awaitStream("orders", _ -> assertThat(applied()).isEqualTo(5));
        assertThat(stream("orders").getSpec().shardCount()).isEqualTo(5);
        assertThat(gateway.find(ORDERS).orElseThrow().targetShardCount()).isEqualTo(5);
    }

    @Test
    void aCrashAfterTheGatewayWasToldLosesNothing() {
        active("orders", 2);
        operator.close();
        patch("orders", "{\"spec\":{\"shardCount\":5}}");
        gateway.updateShardCount(ORDERS, 5);

        restart();

        awaitStream("orders", _ -> assertThat(applied()).isEqualTo(5));
        assertThat(stream("orders").getSpec().shardCount()).isEqualTo(5);
        assertThat(gateway.find(ORDERS).orElseThrow().targetShardCount()).isEqualTo(5);
    }

    @Test
    void aUserWhoEditsAtTheSameMomentWins() {
        active("orders", 2);
        Stream seen = stream("orders");
        operator.close();
        patch("orders", "{\"spec\":{\"shardCount\":7}}");

        assertThatThrownBy(() ->
                        new SpecWriter(account)
                                .carryBack(seen, Settings.NONE.with(Setting.SHARD_COUNT, 5)))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(409));
        assertThat(stream("orders").getSpec().shardCount()).isEqualTo(7);
    }

    @Test
    void aStreamOfTheApiGetsItsResource() {
        StreamName name = new StreamName("Orders_v2");
        gateway.createStream(name, 3);
        gateway.moveByItself(true);

        String resource = StreamResourceName.of(name);
        awaitStream(
                resource,
                stream -> {
                    assertThat(stream.getSpec().streamName()).isEqualTo("Orders_v2");
                    assertThat(stream.getSpec().shardCount()).isEqualTo(3);
                    assertCondition(stream, "Ready", "True", "Active");
                });
        assertThat(gateway.find(name).orElseThrow().ownerUid())
                .contains(stream(resource).getMetadata().getUid());
        assertThat(events(resource)).contains("StreamAdopted");
        assertThat(stream(resource).getMetadata().getManagedFields())
                .anySatisfy(f -> assertThat(f.getManager()).isEqualTo("millrace-api"));
    }

    @Test
    void deletionThroughTheApiTakesTheResourceAlong() {
        active("orders", 2);

        gateway.deleteStream(ORDERS);
        awaitStream(
                "orders",
                stream -> {
                    assertThat(status(stream).streamStatus()).isEqualTo("DELETING");
                    assertCondition(stream, "Ready", "False", "Deleting");
                });
        gateway.step();

        awaitGone("orders");
        assertThat(gateway.find(ORDERS)).isEmpty();
    }

    @Test
    void aLostStreamIsMadeAgainAndSaidSo() {
        active("orders", 2);
        String id = status(stream("orders")).streamId();

        gateway.loseEverything();
        gateway.moveByItself(true);

        awaitStream(
                "orders",
                stream -> {
                    assertCondition(stream, "Ready", "True", "Active");
                    assertThat(status(stream).streamId()).isNotEqualTo(id);
                });
        assertThat(events("orders")).contains("StreamRecreated");
    }

    @Test
    void deletionOfTheResourceDeletesTheStreamFirst() {
        active("orders", 2);
        assertThat(stream("orders").getMetadata().getFinalizers())
                .containsExactly("millrace.dev/stream");

        streams("orders").delete();

        await().atMost(WITHIN)
                .until(() ->
                        gateway.find(ORDERS).orElseThrow().status()
                                == dev.millrace.shard.map.StreamStatus.DELETING);
        awaitStream(
                "orders",
                stream -> assertThat(status(stream).streamStatus()).isEqualTo("DELETING"));
        gateway.step();
        awaitGone("orders");
    }

    @Test
    void retainLeavesTheStreamAndItGetsNoNewResource() {
        create("Stream", "orders", "{deletionPolicy: Retain}");
        gateway.moveByItself(true);
        awaitStream("orders", stream -> assertCondition(stream, "Ready", "True", "Active"));
        assertThat(stream("orders").getMetadata().getFinalizers()).isEmpty();

        streams("orders").delete();
        awaitGone("orders");

        // The stream of the API comes after it, so the left one was looked at as well.
        gateway.createStream(new StreamName("zebra"), 1);
        awaitStream("zebra", stream -> assertCondition(stream, "Ready", "True", "Active"));
        assertThat(streams("orders").get()).isNull();
        assertThat(gateway.find(ORDERS)).isPresent();
    }

    @Test
    void aLeftStreamIsTakenOverByItsNextResource() {
        retainLeavesTheStreamAndItGetsNoNewResource();
        String id = gateway.find(ORDERS).orElseThrow().id().value();

        create("Stream", "orders", "{}");

        awaitStream(
                "orders",
                stream -> {
                    assertCondition(stream, "Ready", "True", "Active");
                    assertThat(status(stream).streamId()).isEqualTo(id);
                });
    }

    @Test
    void theFinalizerGoesWithThePolicy() {
        active("orders", 1);

        patch("orders", "{\"spec\":{\"deletionPolicy\":\"Retain\"}}");

        awaitStream("orders", stream -> assertThat(stream.getMetadata().getFinalizers()).isEmpty());
        streams("orders").delete();
        awaitGone("orders");
        assertThat(gateway.find(ORDERS)).isPresent();
    }

    @Test
    void aStreamWhosePoolIsGoneIsLetGo() {
        active("orders", 1);
        gateway.outage(Optional.of("nobody there"));
        pools("default").delete();

        streams("orders").delete();

        awaitGone("orders");
    }

    @Test
    void pauseHoldsTheOperatorOff() {
        active("orders", 2);
        patch(
                "orders",
                "{\"metadata\":{\"annotations\":{\"%s\":\"true\"}}}".formatted(StreamFacts.PAUSE));
        awaitStream(
                "orders",
                stream -> assertCondition(stream, "ReconciliationPaused", "True", "Paused"));
        int calls = gateway.applies().size();

        int before = operator.reconciled();
        patch("orders", "{\"spec\":{\"shardCount\":4}}");
        await().atMost(WITHIN).until(() -> operator.reconciled() > before);
        assertThat(gateway.applies()).hasSize(calls);

        patch(
                "orders",
                "{\"metadata\":{\"annotations\":{\"%s\":null}}}".formatted(StreamFacts.PAUSE));

        awaitProgress("0/2");
        assertThat(types(stream("orders"))).doesNotContain("ReconciliationPaused");
    }

    @Test
    void aReconcileWithNothingToDoWritesNothing() {
        active("orders", 2);
        settle();
        Stream before = stream("orders");
        int calls = gateway.applies().size();
        int writes = operator.writes();

        int times = operator.reconciled();
        operator.wake(before);
        await().atMost(WITHIN).until(() -> operator.reconciled() > times);

        assertThat(stream("orders").getMetadata().getResourceVersion())
                .isEqualTo(before.getMetadata().getResourceVersion());
        assertThat(gateway.applies()).hasSize(calls);
        assertThat(operator.writes()).isEqualTo(writes);
    }

    @Test
    void theSecondToClaimAStreamIsTold() {
        active("orders", 2);

        create("Stream", "copy", "{streamName: orders, shardCount: 9}");

        awaitStream(
                "copy",
                stream -> {
                    assertCondition(stream, "Stalled", "True", "StreamNameTaken");
                    assertCondition(stream, "Ready", "False", "StreamNameTaken");
                    assertThat(condition(stream, "Stalled").message()).contains("orders");
                });
        assertThat(gateway.find(ORDERS).orElseThrow().ownerUid())
                .contains(stream("orders").getMetadata().getUid());
        assertThat(events("copy")).contains("StreamNameTaken");
    }

    @Test
    void aRefusalStallsWhileTheStreamServesOn() {
        active("orders", 2);
        gateway.refuse(
                Optional.of(new ControlResult.Refused<>("LimitExceededException", "too many")));

        patch("orders", "{\"spec\":{\"shardCount\":4}}");

        awaitStream(
                "orders",
                stream -> {
                    assertCondition(stream, "Stalled", "True", "LimitExceeded");
                    assertCondition(stream, "Ready", "True", "Active");
                    assertThat(condition(stream, "Stalled").message()).contains("too many");
                });
        assertThat(stream("orders").getSpec().shardCount()).isEqualTo(4);
        assertThat(applied()).isEqualTo(2);
        assertThat(events("orders")).contains("LimitExceeded");

        gateway.refuse(Optional.empty());
        patch("orders", "{\"spec\":{\"shardCount\":3}}");
        awaitStream(
                "orders",
                stream -> {
                    assertThat(types(stream)).doesNotContain("Stalled");
                    assertThat(applied()).isEqualTo(3);
                });
    }

    @Test
    void anOutageIsWaitedOut() {
        active("orders", 2);
        gateway.outage(Optional.of("connection refused"));

        patch("orders", "{\"spec\":{\"shardCount\":4}}");

        awaitStream(
                "orders",
                stream -> {
                    assertCondition(stream, "Reconciling", "True", "GatewayUnreachable");
                    assertCondition(stream, "Ready", "True", "Active");
                });
        gateway.outage(Optional.empty());
        awaitProgress("0/2");
    }

    /**
     * A known trap of the framework's newer versions: an update that comes during a status write.
     * Each round the stream takes one step, which has the status written once, and the patch comes
     * at some moment around that; nothing else wakes the controller.
     */
    @Test
    void noPatchIsLostInTheMidstOfStatusWrites() {
        active("orders", 1);
        patch("orders", "{\"spec\":{\"shardCount\":10000}}");
        awaitProgress("0/9999");
        Random random = new Random(35);

        for (int round = 1; round <= 200; round++) {
            int size = 1_024 + round;
            gateway.step();
            LockSupport.parkNanos(Duration.ofMillis(random.nextInt(60)).toNanos());
            patch("orders", "{\"spec\":{\"maxRecordSizeKiB\":%d}}".formatted(size));
            await("patch " + round)
                    .atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> gateway.find(ORDERS).orElseThrow().maxRecordSizeKiB() == size);
        }
        awaitProgress("200/9999");
        assertThat(stream("orders").getSpec().shardCount()).isEqualTo(10_000);
        assertThat(gateway.find(ORDERS).orElseThrow().targetShardCount()).isEqualTo(10_000);
    }

    // --- steps

    private void restart() {
        operator = new StreamOperator(account, namespace, gateway);
    }

    private void active(String name, int shards) {
        create("Stream", name, "{shardCount: %d}".formatted(shards));
        await().atMost(WITHIN).until(() -> gateway.find(new StreamName(name)).isPresent());
        gateway.step();
        awaitStream(name, stream -> assertCondition(stream, "Ready", "True", "Active"));
    }

    /** Waits until a few reconciles in a row have written nothing. */
    private void settle() {
        await().atMost(WITHIN)
                .until(() -> {
                    String version = stream("orders").getMetadata().getResourceVersion();
                    int times = operator.reconciled();
                    operator.wake(stream("orders"));
                    await().atMost(WITHIN).until(() -> operator.reconciled() > times);
                    return version.equals(stream("orders").getMetadata().getResourceVersion());
                });
    }

    private void awaitProgress(String progress) {
        awaitStream(
                "orders",
                stream -> {
                    assertThat(status(stream).reshard()).isNotNull();
                    assertThat(Objects.requireNonNull(status(stream).reshard()).progress())
                            .isEqualTo(progress);
                    assertThat(status(stream).streamStatus()).isEqualTo("UPDATING");
                    assertCondition(stream, "Ready", "True", "Active");
                    assertCondition(stream, "Reconciling", "True", "Resharding");
                    assertCondition(stream, "Resharding", "True", "Resharding");
                });
    }

    private void awaitStream(String name, Consumer<Stream> assertions) {
        await().atMost(WITHIN)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> {
                    @Nullable Stream found = streams(name).get();
                    assertThat(found).isNotNull();
                    assertions.accept(Objects.requireNonNull(found));
                });
    }

    private void awaitGone(String name) {
        await().atMost(WITHIN).until(() -> streams(name).get() == null);
    }

    private void create(String kind, String name, String spec) {
        client.resource(
                        """
                        apiVersion: millrace.dev/v1beta1
                        kind: %s
                        metadata: {name: %s, namespace: %s}
                        spec: %s
                        """
                                .formatted(kind, name, namespace, spec))
                .create();
    }

    private void patch(String name, String json) {
        streams(name).patch(MERGE, json);
    }

    private void poolReady(String status) {
        poolReady("default", status);
    }

    private void poolReady(String name, String status) {
        pools(name)
                .subresource("status")
                .patch(
                        MERGE,
                        """
                        {"status":{"endpoint":"http://default-gateway:4567",
                         "bootstrapServers":"default-kafka:9092",
                         "conditions":[{"type":"Ready","status":"%s","reason":"Test","message":"as set",
                           "lastTransitionTime":"2026-11-01T00:00:00Z","observedGeneration":1}]}}
                        """
                                .formatted(status));
    }

    // --- looks

    private Resource<Stream> streams(String name) {
        return client.resources(Stream.class).inNamespace(namespace).withName(name);
    }

    private Resource<BrokerPool> pools(String name) {
        return client.resources(BrokerPool.class).inNamespace(namespace).withName(name);
    }

    private Stream stream(String name) {
        return Objects.requireNonNull(streams(name).get(), name);
    }

    private int applied() {
        return Objects.requireNonNull(
                Objects.requireNonNull(status(stream("orders")).applied()).shardCount());
    }

    private List<String> events(String name) {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(name))
                .map(Event::getReason)
                .toList();
    }

    private static StreamStatus status(Stream stream) {
        return Objects.requireNonNull(stream.getStatus());
    }

    private static List<String> types(Stream stream) {
        return StreamFacts.conditions(stream).stream().map(Condition::type).toList();
    }

    private static Condition condition(Stream stream, String type) {
        return StreamConditions.find(StreamFacts.conditions(stream), type).orElseThrow();
    }

    private static void assertCondition(Stream stream, String type, String status, String reason) {
        assertThat(StreamConditions.find(StreamFacts.conditions(stream), type))
                .hasValueSatisfying(condition -> {
                    assertThat(condition.status()).isEqualTo(status);
                    assertThat(condition.reason()).isEqualTo(reason);
                });
    }
}
