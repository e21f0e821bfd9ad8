/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** What the chart sets. */
@ConfigMapping(prefix = "millrace")
public interface OperatorConfig {

    /** The image of the broker pods. */
    String brokerImage();

    /** The image of the delivery workers. */
    @WithDefault("millrace/delivery:dev")
    String deliveryImage();

    /** The image of the SQL pods. */
    @WithDefault("millrace/sql:dev")
    String sqlImage();

    /** The region that ARNs name and that clients sign for. */
    @WithDefault("us-east-1")
    String region();

    /** The account that ARNs name. */
    @WithDefault("000000000000")
    String accountId();

    /** The namespace of the lease by which one operator of several acts: the operator's own. */
    @WithDefault("default")
    String leaseNamespace();

    /** Who holds the lease: the operator's pod. Made up where it is none. */
    Optional<String> identity();

    /** Whether Streams with deletionPolicy Delete hold a finalizer. */
    @WithDefault("true")
    boolean finalizers();

    /** Where a pool's gateway is, a format of the pool's name and its namespace. */
    @WithDefault("http://%s-gateway.%s.svc:4567")
    String gatewayUrl();

    /** The pool that is made where a Stream names one that is not there. */
    PoolDefault poolDefault();

    /** Values of a default pool. */
    interface PoolDefault {
        @WithDefault("1")
        int replicas();

        @WithDefault("10Gi")
        String storageSize();

        Optional<String> storageClass();

        @WithDefault("ClusterIP")
        String serviceType();

        Optional<Integer> nodePort();
    }
}
