/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.control;

import dev.millrace.broker.volume.TopicStorage;
import dev.millrace.broker.volume.Volume;
import java.util.List;
import java.util.Optional;

/** What the pool's Kafka says of itself. */
@FunctionalInterface
public interface BrokerHealth {

    Report report() throws InterruptedException;

    /** What a stream's topic takes of the volumes, as far as it is known by now. */
    default Optional<TopicStorage> storageOf(String topic) {
        return Optional.empty();
    }

    /**
     * One broker that is alive.
     *
     * @param controller whether it is the one that decides who leads what
     */
    record Broker(int nodeId, String host, boolean controller, Optional<Volume> volume) {}

    record Report(List<Broker> brokers, int underReplicatedPartitions) {
        public Report {
            brokers = List.copyOf(brokers);
        }
    }
}
