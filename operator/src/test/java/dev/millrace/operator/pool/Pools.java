/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolSpec;
import dev.millrace.operator.config.OperatorConfig;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;

/** Pools for tests, as an API server would hand them to the operator. */
public final class Pools {

    public static final OperatorConfig CONFIG =
            new Config(
                    "example.test/millrace/broker:1",
                    "example.test/millrace/delivery:1",
                    "example.test/millrace/sql:1",
                    "us-east-1",
                    "000000000000",
                    "default",
                    true,
                    "http://%s-gateway.%s.svc:4567",
                    new Config.Default(1, "10Gi", Optional.empty(), "ClusterIP", Optional.empty()));

    private record Config(
            String brokerImage,
            String deliveryImage,
            String sqlImage,
            String region,
            String accountId,
            String leaseNamespace,
            boolean finalizers,
            String gatewayUrl,
            PoolDefault poolDefault)
            implements OperatorConfig {

        @Override
        public Optional<String> identity() {
            return Optional.empty();
        }

        private record Default(
                int replicas,
                String storageSize,
                Optional<String> storageClass,
                String serviceType,
                Optional<Integer> nodePort)
                implements PoolDefault {}
    }

    private Pools() {}

    static BrokerPool pool(String name, String specYaml) {
        BrokerPool pool = new BrokerPool();
        pool.setMetadata(
                new ObjectMetaBuilder()
                        .withName(name)
                        .withNamespace("shop")
                        .withUid("7d444840-9dc0-11d1-b245-5ffdce74fad2")
                        .withGeneration(3L)
                        .build());
        pool.setSpec(spec(specYaml));
        return pool;
    }

    static BrokerPoolSpec spec(String yaml) {
        // Begun like this, what looks like JSON is read as YAML.
        return Serialization.unmarshal("---\n" + yaml, BrokerPoolSpec.class);
    }
}
