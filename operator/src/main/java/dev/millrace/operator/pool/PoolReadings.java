/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamStatus;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** When a Stream's change makes its pool's figures, streams and shards, out of date. */
final class PoolReadings {

    private PoolReadings() {}

    static Set<ResourceID> poolOf(Stream stream) {
        @Nullable String pool = stream.getSpec().pool();
        return pool == null
                ? Set.of()
                : Set.of(new ResourceID(pool, stream.getMetadata().getNamespace()));
    }

    static boolean changed(Stream after, Stream before) {
        return !Objects.equals(openShards(after), openShards(before));
    }

    private static @Nullable Integer openShards(Stream stream) {
        @Nullable StreamStatus status = stream.getStatus();
        return status == null ? null : status.openShardCount();
    }
}
