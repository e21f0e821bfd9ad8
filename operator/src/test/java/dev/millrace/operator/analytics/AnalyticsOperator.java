/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The controller of applications against a real API server and a runner that says what a test
 * wants, with all waiting made short.
 */
final class AnalyticsOperator implements AutoCloseable {

    private static final AnalyticsTiming FAST =
            new AnalyticsTiming(Duration.ofMillis(50), Duration.ofMillis(100));

    private final Operator operator;
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicReference<Optional<RunnerReport>> said =
            new AtomicReference<>(Optional.empty());

    AnalyticsOperator(KubernetesClient account, String namespace) {
        // Of its own: it is closed with the operator.
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(account.getConfiguration()).build();
        operator =
                new Operator(settings ->
                        settings.withKubernetesClient(client)
                                .withCloseClientOnStop(true)
                                .checkingCRDAndValidateLocalModel(false));
        operator.register(
                new AnalyticsReconciler(
                        client,
                        new AnalyticsObjects("millrace/sql:test"),
                        _ -> {
                            looks.incrementAndGet();
                            return said.get();
                        },
                        InstantSource.system(),
                        FAST),
                settings -> settings.settingNamespace(namespace));
        operator.start();
    }

    void runnerSays(RunnerReport report) {
        said.set(Optional.of(report));
    }

    void runnerIsSilent() {
        said.set(Optional.empty());
    }

    /** How often the runner was asked. */
    int looks() {
        return looks.get();
    }

    @Override
    public void close() {
        operator.stop();
    }
}
