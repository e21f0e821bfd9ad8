/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamSpec;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.LimitsProfile;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the Stream resource of a stream that was made through the Kinesis API. */
final class ApiStreams {

    private static final Logger LOG = LoggerFactory.getLogger(ApiStreams.class);

    private final KubernetesClient client;

    ApiStreams(KubernetesClient client) {
        this.client = client;
    }

    /** Does nothing where the stream has one. */
    void giveResource(PoolRef pool, StreamStateView state) {
        String name = StreamResourceName.of(state.name());
        if (!made(pool, state, name)) {
            // The name is another stream's, of another pool maybe.
            String other =
                    StreamResourceName.distinct(state.name(), pool.name() + "/" + state.name());
            if (!made(pool, state, other)) {
                LOG.warn(
                        "No resource for stream {} of pool {}: {} and {} are taken",
                        state.name(),
                        pool,
                        name,
                        other);
            }
        }
    }

    /** Whether the resource of that name stands for the stream now. */
    private boolean made(PoolRef pool, StreamStateView state, String name) {
        if (NewResources.create(client, resource(pool, state, name), SpecWriter.FIELD_MANAGER)) {
            LOG.info(
                    "Stream {} of pool {} was made through the API: it is Stream {} now",
                    state.name(),
                    pool,
                    name);
            return true;
        }
        return standsFor(pool, state.name(), name);
    }

    private boolean standsFor(PoolRef pool, StreamName stream, String name) {
        @Nullable Stream found =
                client.resources(Stream.class).inNamespace(pool.namespace()).withName(name).get();
        return found == null
                || StreamFacts.pool(found).equals(pool)
                        && StreamFacts.streamName(found).equals(Optional.of(stream));
    }

    static Stream resource(PoolRef pool, StreamStateView state, String name) {
        Stream stream = new Stream();
        stream.setMetadata(
                new ObjectMetaBuilder()
                        .withName(name)
                        .withNamespace(pool.namespace())
                        .addToAnnotations(StreamFacts.CREATED_BY, StreamFacts.CREATED_BY_API)
                        .build());
        stream.setSpec(
                new StreamSpec(
                        name.equals(state.name().value()) ? null : state.name().value(),
                        StreamSpec.Mode.valueOf(state.mode().name()),
                        state.targetShardCount(),
                        state.retentionPeriodHours(),
                        state.maxRecordSizeKiB(),
                        state.tags(),
                        pool.name(),
                        StreamSpec.DeletionPolicy.Delete,
                        state.limits() == LimitsProfile.KINESIS
                                ? StreamSpec.Limits.Kinesis
                                : StreamSpec.Limits.Unlimited,
                        null));
        return stream;
    }
}
