/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.pool.BrokerPool;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;

/** The metadata of a pool's objects: named, labelled, and owned, so that they go with the pool. */
final class PoolMetadata {

    static final String PAUSE = "millrace.dev/pause-reconciliation";

    private PoolMetadata() {}

    static ObjectMeta of(BrokerPool pool, String name) {
        PoolNames names = PoolNames.of(pool);
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(names.namespace())
                .withLabels(names.labels())
                .withOwnerReferences(owner(pool))
                .build();
    }

    /** Whether somebody holds the operator off. */
    static boolean isPaused(BrokerPool pool) {
        return pool.getMetadata().getAnnotations() != null
                && "true".equals(pool.getMetadata().getAnnotations().get(PAUSE));
    }

    private static OwnerReference owner(BrokerPool pool) {
        return new OwnerReferenceBuilder()
                .withApiVersion(pool.getApiVersion())
                .withKind(pool.getKind())
                .withName(pool.getMetadata().getName())
                .withUid(pool.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }
}
