/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.PoolRef;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;

/** How the controllers of streams and of their pools wake one another. */
final class StreamWakeups {

    private final SimpleInboundEventSource<Stream> streams =
            new SimpleInboundEventSource<>("stream-states");
    private final SimpleInboundEventSource<BrokerPool> pools =
            new SimpleInboundEventSource<>("stream-lists-wanted");

    SimpleInboundEventSource<Stream> streams() {
        return streams;
    }

    SimpleInboundEventSource<BrokerPool> pools() {
        return pools;
    }

    /** The state of its stream has changed. */
    void wake(Stream stream) {
        streams.propagateEvent(ResourceID.fromResource(stream));
    }

    /** Somebody needs to know how the pool's streams stand, sooner than the next look. */
    void look(PoolRef pool) {
        pools.propagateEvent(new ResourceID(pool.name(), pool.namespace()));
    }
}
