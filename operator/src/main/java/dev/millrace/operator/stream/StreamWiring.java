/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.pool.BrokerPoolSpec;
import dev.millrace.operator.config.OperatorConfig;
import dev.millrace.operator.control.ControlEndpoint;
import dev.millrace.operator.control.HttpPoolControls;
import dev.millrace.operator.control.SecretOperatorKeys;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** What the controllers of streams are given. */
@ApplicationScoped
public class StreamWiring {

    @Produces
    @Singleton
    HttpPoolControls controls(KubernetesClient client, OperatorConfig config, InstantSource clock) {
        return new HttpPoolControls(
                new ControlEndpoint(config.gatewayUrl()),
                new SecretOperatorKeys(client, clock),
                config.region(),
                clock);
    }

    void close(@Disposes HttpPoolControls controls) throws InterruptedException {
        controls.close();
    }

    @Produces
    @Singleton
    StreamCommons commons(OperatorConfig config, InstantSource clock) {
        return new StreamCommons(clock, StreamTiming.DEFAULT, config.finalizers());
    }

    @Produces
    @Singleton
    PoolDefaults poolDefaults(OperatorConfig config) {
        return () -> spec(config.poolDefault());
    }

    private static BrokerPoolSpec spec(OperatorConfig.PoolDefault pool) {
        BrokerPoolSpec.Service.Type type = BrokerPoolSpec.Service.Type.valueOf(pool.serviceType());
        return new BrokerPoolSpec(
                pool.replicas(),
                new BrokerPoolSpec.Storage(
                        pool.storageSize(),
                        pool.storageClass().filter(name -> !name.isBlank()).orElse(null),
                        false),
                new BrokerPoolSpec.Kafka(null, Map.of()),
                new BrokerPoolSpec.Gateway(
                        null,
                        new BrokerPoolSpec.Service(
                                type,
                                type == BrokerPoolSpec.Service.Type.ClusterIP
                                        ? null
                                        : pool.nodePort().orElse(null),
                                Map.of()),
                        null),
                List.of(),
                new BrokerPoolSpec.Template(Map.of(), List.of(), null, List.of(), null, List.of()),
                null);
    }
}
