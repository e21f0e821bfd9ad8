/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** What the brokers said at one moment; a broker that did not answer is missing. */
public record VolumeReading(List<Volume> volumes, Map<TopicPartition, List<Long>> replicaBytes) {

    static final VolumeReading NONE = new VolumeReading(List.of(), Map.of());

    public VolumeReading {
        volumes = List.copyOf(volumes);
        replicaBytes = Map.copyOf(replicaBytes);
    }
}
