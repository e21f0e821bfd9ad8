/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.input;

import dev.millrace.shard.SequenceNumber;

/**
 * A record that is no row of its input.
 *
 * @param reason what is wrong with it
 * @param arrival when the brokers got it, milliseconds since 1970
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public record MalformedRow(
        String input,
        SequenceNumber sequenceNumber,
        long arrival,
        String partitionKey,
        String reason,
        byte[] data) {}
