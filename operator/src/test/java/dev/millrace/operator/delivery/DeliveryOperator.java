/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.pool.BrokerPoolSpec;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.InMemoryPoolControl;
import dev.millrace.operator.control.PoolControls;
import dev.millrace.operator.control.PoolStreams;
import dev.millrace.operator.pool.Pools;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.javaoperatorsdk.operator.Operator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The controllers of delivery streams against a real API server, a gateway in memory and workers
 * that say what a test wants, with all waiting made short.
 */
final class DeliveryOperator implements AutoCloseable {

    private static final DeliveryTiming FAST =
            new DeliveryTiming(Duration.ofMillis(100), Duration.ofMillis(50));

    private final Operator operator;
    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicReference<List<WorkerReport>> said = new AtomicReference<>(List.of());
    private final AtomicReference<Optional<PoolStreams>> oldList =
            new AtomicReference<>(Optional.empty());
    private final InMemoryPoolControl gateway;

    DeliveryOperator(KubernetesClient account, String namespace, InMemoryPoolControl gateway) {
        this.gateway = gateway;
        // Time passes between two questions.
        PoolControls controls =
                _ -> {
                    gateway.step();
                    return gateway;
                };
        // Of its own: it is closed with the operator.
        KubernetesClient client =
                new KubernetesClientBuilder()
                        .withConfig(account.getConfiguration())
                        .withHttpClientBuilderConsumer(
                                http -> http.addOrReplaceInterceptor("writes", countingWrites()))
                        .build();
        DeliveryCommons commons = new DeliveryCommons(Pools.CONFIG, InstantSource.system(), FAST);
        operator =
                new Operator(settings ->
                        settings.withKubernetesClient(client)
                                .withCloseClientOnStop(true)
                                .checkingCRDAndValidateLocalModel(false));
        operator.register(
                new DeliveryReconciler(
                        client,
                        controls,
                        () -> BrokerPoolSpec.ofReplicas(1),
                        _ -> {
                            looks.incrementAndGet();
                            return said.get();
                        },
                        _ -> oldList.get().or(() -> listed(gateway)),
                        commons),
                settings -> settings.settingNamespace(namespace));
        operator.register(
                new DeliveryRemovalReconciler(client, controls, commons),
                settings -> settings.settingNamespace(namespace));
        operator.start();
    }

    private static Optional<PoolStreams> listed(InMemoryPoolControl gateway) {
        return gateway.listStreamStates()
                        instanceof ControlResult.Applied<PoolStreams>(PoolStreams streams)
                ? Optional.of(streams)
                : Optional.empty();
    }

    void workersSay(WorkerReport... reports) {
        said.set(List.of(reports));
    }

    /** The list of streams stays as it is, as one does that was asked for a moment ago. */
    void keepList() {
        oldList.set(listed(gateway));
    }

    void listAnew() {
        oldList.set(Optional.empty());
    }

    /** How many requests were made that change something, or try to. */
    int writes() {
        return writes.get();
    }

    /** How often the workers were asked. */
    int looks() {
        return looks.get();
    }

    @Override
    public void close() {
        operator.stop();
    }

    private Interceptor countingWrites() {
        return new Interceptor() {
            @Override
            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                // Applies are not counted: what they write shows in resource versions.
                if (!request.method().equals("GET")
                        && !request.uri().toString().contains("fieldManager=millrace-operator&")) {
                    writes.incrementAndGet();
                }
            }
        };
    }
}
