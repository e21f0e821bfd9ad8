/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.Condition;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.stream.StreamEvents.Kind;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The pools that Streams name. */
final class StreamPools {

    private static final String FIELD_MANAGER = "millrace-operator";

    private final KubernetesClient client;
    private final PoolDefaults defaults;
    private final StreamEvents events;

    StreamPools(KubernetesClient client, PoolDefaults defaults, StreamEvents events) {
        this.client = client;
        this.defaults = defaults;
        this.events = events;
    }

    /**
     * Makes the pool that the Stream names. It belongs to no Stream: others may come to live in it,
     * and its volumes outlive them all.
     */
    void make(Stream stream, PoolRef ref) {
        BrokerPool pool = new BrokerPool();
        pool.setMetadata(
                new ObjectMetaBuilder()
                        .withName(ref.name())
                        .withNamespace(ref.namespace())
                        .addToAnnotations(StreamFacts.CREATED_BY, StreamFacts.CREATED_BY_DEFAULT)
                        .build());
        pool.setSpec(defaults.spec());
        if (!NewResources.create(client, pool, FIELD_MANAGER)) {
            return;
        }
        events.tell(
                stream,
                Kind.Normal,
                StreamReason.POOL_CREATED,
                ref.toString(),
                "Made BrokerPool %s with the operator's defaults".formatted(ref.name()));
    }

    static PoolFacts facts(PoolRef ref, Optional<BrokerPool> pool) {
        if (pool.isEmpty()) {
            return new PoolFacts(
                    false,
                    "There is no BrokerPool %s".formatted(ref.name()),
                    Optional.empty(),
                    Optional.empty(),
                    selector(ref));
        }
        Optional<BrokerPoolStatus> status = pool.map(BrokerPool::getStatus);
        Optional<Condition> ready =
                status.map(s -> Objects.requireNonNullElse(s.conditions(), List.<Condition>of()))
                        .flatMap(conditions -> StreamConditions.find(conditions, "Ready"));
        boolean isReady = ready.filter(condition -> condition.status().equals("True")).isPresent();
        String message =
                isReady
                        ? "BrokerPool %s is ready".formatted(ref.name())
                        : "BrokerPool %s is not ready: %s"
                                .formatted(
                                        ref.name(),
                                        ready.map(Condition::message).orElse("it is new"));
        return new PoolFacts(
                isReady,
                message,
                status.flatMap(s -> Optional.ofNullable(s.endpoint())),
                status.flatMap(s -> Optional.ofNullable(s.bootstrapServers())),
                status.flatMap(s -> Optional.ofNullable(s.selector()))
                        .orElseGet(() -> selector(ref)));
    }

    /** Until the pool says it itself: an HPA refuses a target with none. */
    private static String selector(PoolRef ref) {
        return "app.kubernetes.io/instance=%s,app.kubernetes.io/component=broker"
                .formatted(ref.name());
    }
}
