/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamSpec.SourceType;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/** The DeliveryStream resources, by what they claim and by what they wait for. */
final class DeliveryIndex {

    private static final String BY_CLAIM = "claim";
    private static final String BY_SOURCE = "source";
    private static final String BY_POOL = "pool";

    private final AtomicReference<Optional<IndexerResourceCache<DeliveryStream>>> cache =
            new AtomicReference<>(Optional.empty());

    /** Called once, before the cache is filled. */
    void over(IndexerResourceCache<DeliveryStream> streams) {
        streams.addIndexer(BY_CLAIM, stream -> List.of(claim(stream)));
        streams.addIndexer(
                BY_SOURCE,
                stream ->
                        stream.getSpec().source().streamRef() == null
                                ? List.of()
                                : List.of(
                                        key(stream, stream.getSpec().source().streamRef().name())));
        streams.addIndexer(BY_POOL, stream -> List.of(key(stream, stream.getSpec().pool())));
        cache.set(Optional.of(streams));
    }

    /** The resource that has the name before this one, if another has. */
    Optional<DeliveryStream> rival(DeliveryStream stream) {
        return byIndex(BY_CLAIM, claim(stream)).stream()
                .min(
                        // Two of the same second: the one that already delivers goes on.
                        Comparator.comparing(DeliveryIndex::isNew)
                                .thenComparing(other -> other.getMetadata().getCreationTimestamp())
                                .thenComparing(other -> other.getMetadata().getUid()))
                .filter(first ->
                        !first.getMetadata().getUid().equals(stream.getMetadata().getUid()));
    }

    private static boolean isNew(DeliveryStream stream) {
        return stream.getStatus() == null || stream.getStatus().versionId() == null;
    }

    Set<ResourceID> ofSource(String namespace, String stream) {
        return ids(byIndex(BY_SOURCE, namespace + "/" + stream));
    }

    Set<ResourceID> ofPool(String namespace, String pool) {
        return ids(byIndex(BY_POOL, namespace + "/" + pool));
    }

    private static Set<ResourceID> ids(List<DeliveryStream> streams) {
        return streams.stream().map(ResourceID::fromResource).collect(Collectors.toSet());
    }

    private List<DeliveryStream> byIndex(String index, String key) {
        return cache.get().map(streams -> streams.byIndex(index, key)).orElse(List.of());
    }

    /** Puts go to a name in a pool, so only there names must differ. */
    private static String claim(DeliveryStream stream) {
        String pool =
                stream.getSpec().source().type() == SourceType.DirectPut
                        ? stream.getSpec().pool()
                        : "";
        return key(stream, pool + "/" + stream.deliveryStreamName());
    }

    private static String key(DeliveryStream stream, String rest) {
        return stream.getMetadata().getNamespace() + "/" + rest;
    }
}
