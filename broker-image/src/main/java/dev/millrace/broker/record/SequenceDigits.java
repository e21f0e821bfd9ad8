/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.ShardId;

/**
 * The digits of one sequence number after the other of a shard. Used by one thread. Nearly always a
 * number follows the one before, and then an addition makes it.
 */
final class SequenceDigits {

    private final ShardId shard;
    private final byte[] digits = new byte[SequenceNumber.DIGITS];
    private long offset;
    private boolean begun;

    SequenceDigits(ShardId shard) {
        this.shard = shard;
    }

    ShardId shard() {
        return shard;
    }

    /** The digits of an offset's number, until the next call. */
    byte[] of(long newOffset) {
        if (begun && newOffset == offset + 1) {
            SequenceNumber.writeNext(digits);
        } else {
            new SequenceNumber(shard, newOffset).write(digits);
        }
        begun = true;
        offset = newOffset;
        return digits;
    }
}
