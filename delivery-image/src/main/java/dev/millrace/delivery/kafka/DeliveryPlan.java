/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

import dev.millrace.delivery.batch.Destination;
import dev.millrace.delivery.engine.Buffering;
import dev.millrace.delivery.processing.RecordProcessor;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.EncryptionKeys;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a worker is to do.
 *
 * @param clientProperties how to reach the brokers
 * @param source the stream that is delivered
 * @param deliveryId tells this delivery apart from all others, also from one of the same name that
 *     was deleted
 * @param start records that came before are not delivered; none to deliver all that there are
 * @param separator what comes between two records
 * @param memoryBytes how much the buffers may hold
 * @param concurrency how many batches go out at once
 * @param activePartitionsMax how many partitions of dynamic partitioning may wait to go out
 * @param encryptionKeys what the stream may be encrypted with
 */
public record DeliveryPlan(
        Map<String, Object> clientProperties,
        StreamName source,
        String deliveryId,
        Optional<Instant> start,
        RecordProcessor processor,
        Destination destination,
        Buffering buffering,
        byte[] separator,
        long memoryBytes,
        int concurrency,
        int activePartitionsMax,
        EncryptionKeys encryptionKeys) {
    public DeliveryPlan {
        clientProperties = Map.copyOf(clientProperties);
        buffering = buffering.atMost(Math.max(1, memoryBytes / 4));
    }
}
