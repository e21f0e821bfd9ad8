/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import dev.millrace.shard.StreamName;

/**
 * The control API of one pool. A call takes a bounded time and is not retried inside: the caller
 * decides when to ask again. All calls are idempotent.
 */
public interface PoolControl {

    /**
     * Makes a stream as asked, changing only what the request names, and takes it over for its
     * owner. The answer comes from the map's writer, so that it contains everything that was
     * acknowledged before the call: a request that names nothing but stream and owner is the way to
     * read one stream without the delay of {@link #listStreamStates}.
     */
    ControlResult<StreamStateView> applyStream(ApplyStream request);

    /** All streams and those deleted lately, as one gateway knows them: may lag a little. */
    ControlResult<PoolStreams> listStreamStates();

    /** Begins to delete the stream if it still belongs to that owner. */
    ControlResult<Removal> removeStream(StreamName stream, String ownerUid);

    /** The gateways and brokers of the pool. */
    ControlResult<PoolDescription> describePool();

    /** What an accepted {@link #removeStream} says: the stream goes, or has gone. */
    record Removal() {}
}
