/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import dev.millrace.delivery.engine.Buffering;
import dev.millrace.delivery.processing.Processor;
import dev.millrace.shard.StreamName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a DeliveryStream asks of its workers, checked.
 *
 * @param name of the delivery stream
 * @param id tells it from all others of the pool, also from a former one of the same name
 * @param version of its configuration, for the names of objects
 * @param source the stream that is delivered
 * @param start records that came before are not delivered; none to deliver all that there are
 * @param processors what is done to records, in order
 * @param activePartitionsMax how many partitions of dynamic partitioning may wait to go out
 * @param separator what comes between two records
 * @param backup a bucket for what is not delivered
 * @param backsUpAll whether all records go there as they came, too
 * @param retry how long a destination that may refuse records is tried
 */
public record DeliverySettings(
        String name,
        String id,
        String version,
        StreamName source,
        Optional<Instant> start,
        Buffering buffering,
        List<Processor> processors,
        int activePartitionsMax,
        String separator,
        DestinationSettings destination,
        Optional<S3Target> backup,
        boolean backsUpAll,
        Duration retry) {
    public DeliverySettings {
        processors = List.copyOf(processors);
    }
}
