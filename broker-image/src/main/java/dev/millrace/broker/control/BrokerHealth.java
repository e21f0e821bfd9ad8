/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import java.util.List;

/** What the pool's Kafka says of itself. */
@FunctionalInterface
public interface BrokerHealth {

    Report report() throws InterruptedException;

    /** One broker that is alive. */
    record Broker(int nodeId, String host) {}

    record Report(List<Broker> brokers, int underReplicatedPartitions) {
        public Report {
            brokers = List.copyOf(brokers);
        }
    }
}
