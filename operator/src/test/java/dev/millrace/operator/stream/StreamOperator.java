/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.pool.BrokerPoolSpec;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.PoolControl;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The controllers of streams against a real API server and a gateway in memory, with all waiting
 * made short. Closing it and starting another is an operator's restart.
 */
final class StreamOperator implements AutoCloseable {

    private static final StreamTiming FAST =
            new StreamTiming(
                    Duration.ofMillis(100),
                    Duration.ofMillis(20),
                    Duration.ofMillis(50),
                    Duration.ofMillis(300));

    private final Operator operator;
    private final StreamCommons commons;
    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicInteger reconciled = new AtomicInteger();

    StreamOperator(KubernetesClient account, String namespace, PoolControl gateway) {
        // Of its own: it is closed with the operator.
        KubernetesClient client =
                new KubernetesClientBuilder()
                        .withConfig(account.getConfiguration())
                        .withHttpClientBuilderConsumer(
                                http -> http.addOrReplaceInterceptor("writes", countingWrites()))
                        .build();
        commons = new StreamCommons(InstantSource.system(), FAST, true);
        operator =
                new Operator(settings ->
                        settings.withKubernetesClient(client)
                                .withCloseClientOnStop(true)
                                .checkingCRDAndValidateLocalModel(false)
                                .withMetrics(counting()));
        operator.register(
                new StreamReconciler(
                        client, _ -> gateway, () -> BrokerPoolSpec.ofReplicas(1), commons),
                settings -> settings.settingNamespace(namespace));
        operator.register(
                new PoolStreamsReconciler(client, _ -> gateway, commons, (_, _) -> {}),
                settings -> settings.settingNamespace(namespace));
        operator.register(
                new StreamRemovalReconciler(client, _ -> gateway, commons),
                settings -> settings.settingNamespace(namespace));
        operator.start();
    }

    /** Has the Stream reconciled once more. */
    void wake(Stream stream) {
        commons.wakeups().wake(stream);
    }

    /** How many requests were made that are not to read. */
    int writes() {
        return writes.get();
    }

    /** How often Streams were reconciled. */
    int reconciled() {
        return reconciled.get();
    }

    @Override
    public void close() {
        operator.stop();
    }

    private Interceptor countingWrites() {
        return new Interceptor() {
            @Override
            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                if (!request.method().equals("GET")) {
                    writes.incrementAndGet();
                }
            }
        };
    }

    private Metrics counting() {
        return new Metrics() {
            @Override
            public void reconciliationExecutionFinished(
                    HasMetadata resource, Map<String, Object> metadata) {
                if (resource instanceof Stream) {
                    reconciled.incrementAndGet();
                }
            }
        };
    }
}
