/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.List;

/**
 * The Services of a pool: one for Kinesis clients, one for Kafka clients, one for the brokers among
 * themselves.
 */
final class PoolServices {

    private PoolServices() {}

    static Service gateway(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        BrokerPoolSpec.Service wanted = pool.getSpec().gateway().service();
        ServicePort port = port("kinesis", PoolNames.GATEWAY_PORT);
        port.setNodePort(wanted.nodePort());
        return new ServiceBuilder()
                .withMetadata(PoolMetadata.of(pool, names.gatewayService()))
                .editMetadata()
                .withAnnotations(wanted.annotations())
                .endMetadata()
                .withNewSpec()
                .withType(wanted.type().name())
                .withSelector(names.selector())
                .withPorts(
                        pool.getSpec().gateway().tls() == null
                                ? List.of(port)
                                : List.of(port, port("kinesis-tls", PoolNames.GATEWAY_TLS_PORT)))
                .endSpec()
                .build();
    }

    /**
     * Where Kafka clients start. Pods that are not ready are in it: the gateway of a pod becomes
     * ready only after it found the pod's own Kafka here.
     */
    static Service kafka(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        return new ServiceBuilder()
                .withMetadata(PoolMetadata.of(pool, names.kafkaService()))
                .withNewSpec()
                .withType("ClusterIP")
                .withPublishNotReadyAddresses(true)
                .withSelector(names.selector())
                .withPorts(port("kafka", PoolNames.KAFKA_PORT))
                .endSpec()
                .build();
    }

    /**
     * Gives each broker a name of its own, also before it is ready: a quorum forms by these names.
     */
    static Service headless(BrokerPool pool) {
        PoolNames names = PoolNames.of(pool);
        return new ServiceBuilder()
                .withMetadata(PoolMetadata.of(pool, names.headlessService()))
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(names.selector())
                .withPorts(
                        port("kafka", PoolNames.KAFKA_PORT),
                        port("controller", PoolNames.CONTROLLER_PORT))
                .endSpec()
                .build();
    }

    private static ServicePort port(String name, int port) {
        return new ServicePortBuilder()
                .withName(name)
                .withPort(port)
                .withNewTargetPort(port)
                .withProtocol("TCP")
                .build();
    }
}
