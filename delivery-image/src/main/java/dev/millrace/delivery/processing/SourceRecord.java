/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import dev.millrace.shard.SequenceNumber;
import java.time.Instant;

/**
 * A record as it was put.
 *
 * @param data its bytes; not to be changed
 */
public record SourceRecord(
        SequenceNumber sequenceNumber, Instant arrival, String partitionKey, byte[] data) {}
