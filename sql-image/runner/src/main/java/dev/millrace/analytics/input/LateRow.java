/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.input;

import dev.millrace.shard.SequenceNumber;

/**
 * A row that came when the results it belongs to were given.
 *
 * @param rowtime when it happened, milliseconds since 1970
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public record LateRow(
        String input,
        SequenceNumber sequenceNumber,
        long rowtime,
        String partitionKey,
        byte[] data) {}
