/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamSpec;
import dev.millrace.crds.delivery.DeliveryStreamSpec.DeletionPolicy;
import dev.millrace.crds.delivery.DeliveryStreamSpec.Source;
import dev.millrace.crds.delivery.DeliveryStreamSpec.State;
import dev.millrace.crds.delivery.Reference;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.operator.stream.NewResources;
import dev.millrace.operator.stream.StreamResourceName;
import dev.millrace.operator.stream.UnownedDeliveries;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.StreamName;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the DeliveryStream resource of a delivery stream made through the Firehose API. */
final class ApiDeliveries implements UnownedDeliveries {

    static final String FIELD_MANAGER = "millrace-api";
    static final String CREATED_BY = "millrace.dev/created-by";

    private static final Logger LOG = LoggerFactory.getLogger(ApiDeliveries.class);
    private static final int LENGTH_MAX = 40;

    private final KubernetesClient client;

    ApiDeliveries(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public void giveResource(PoolRef pool, StreamStateView state) {
        Optional<DeliveryStreamName> name = DeliveryStreamName.ofBuffer(state.name());
        if (name.isEmpty() || state.delivery().isEmpty()) {
            return;
        }
        try {
            DeliveryStream resource = resource(pool, name.get(), state.delivery().get());
            if (NewResources.create(client, resource, FIELD_MANAGER)) {
                LOG.info(
                        "Delivery stream {} of pool {} was made through the API: it is DeliveryStream {} now",
                        name.get(),
                        pool,
                        resource.getMetadata().getName());
            }
        } catch (KubernetesClientException | IllegalArgumentException e) {
            // Looked at again with the next list.
            LOG.warn(
                    "No resource for delivery stream {} of pool {}: {}",
                    name.get(),
                    pool,
                    e.getMessage());
        }
    }

    private DeliveryStream resource(PoolRef pool, DeliveryStreamName name, String definition) {
        DeliveryStreamSpec kept = DeliveryDefinition.spec(definition);
        String safe = safe(name.value());
        DeliveryStream resource = new DeliveryStream();
        resource.setMetadata(
                new ObjectMetaBuilder()
                        .withName(safe)
                        .withNamespace(pool.namespace())
                        .addToAnnotations(CREATED_BY, "api")
                        .build());
        resource.setSpec(
                new DeliveryStreamSpec(
                        safe.equals(name.value()) ? null : name.value(),
                        source(pool, kept.source()),
                        kept.destination(),
                        kept.processing(),
                        kept.backup(),
                        kept.retry(),
                        1,
                        State.Running,
                        null,
                        kept.tags(),
                        pool.name(),
                        DeletionPolicy.Delete,
                        null,
                        null,
                        null));
        return resource;
    }

    /** The API names a stream, a resource its Stream. */
    private Source source(PoolRef pool, Source source) {
        Reference reference = source.streamRef();
        if (reference == null) {
            return source;
        }
        String resource =
                client
                        .resources(Stream.class)
                        .inNamespace(pool.namespace())
                        .list()
                        .getItems()
                        .stream()
                        .filter(stream ->
                                stream.streamName().equals(reference.name())
                                        && pool.name().equals(stream.getSpec().pool()))
                        .map(stream -> stream.getMetadata().getName())
                        .findFirst()
                        .orElseGet(() -> StreamResourceName.of(new StreamName(reference.name())));
        return new Source(
                source.type(),
                new Reference(resource),
                source.startingPosition(),
                source.startingTimestamp(),
                null,
                null);
    }

    /** Pods are named after it: a name that would not do gets a short hash of the original. */
    static String safe(String name) {
        if (name.length() <= LENGTH_MAX && name.matches("[a-z]([-a-z0-9]*[a-z0-9])?")) {
            return name;
        }
        String hash = DeliveryConfiguration.sha256(name).substring(0, 8);
        String plain =
                name.toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^[^a-z]+|-+$", "");
        String head = plain.substring(0, Math.min(plain.length(), LENGTH_MAX - 9));
        return (head.isEmpty() ? "delivery" : head.replaceAll("-+$", "")) + "-" + hash;
    }
}
