/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import java.util.List;

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

    /** A broker that is up. */
    public record Broker(int nodeId, String host) {}
}
