/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import java.util.List;
import java.util.Optional;

/** How a pool's gateways and brokers are. */
public record PoolDescription(
        List<String> gateways,
        List<Broker> brokers,
        int underReplicatedPartitions,
        int streamCount,
        int openShardCount) {

    public PoolDescription {
        gateways = List.copyOf(gateways);
        brokers = List.copyOf(brokers);
    }

    /**
     * A broker that is up.
     *
     * @param controller whether it decides who leads what
     * @param volume none when nobody could say, or the gateway is of an older version
     */
    public record Broker(int nodeId, String host, boolean controller, Optional<Volume> volume) {}

    /**
     * A broker's volume.
     *
     * @param full whether puts are refused for want of space
     */
    public record Volume(long totalBytes, long freeBytes, boolean full) {}
}
