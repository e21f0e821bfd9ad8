/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Appends records to the shards that take them. Safe to use from any thread. */
public interface ShardAppender {

    /**
     * Appends each record to the open shard of its hash key. Records of the same key keep their
     * order, also if a reshard comes in between.
     */
    Appends append(StreamName stream, List<NewRecord> records);

    /**
     * A record that is to be appended.
     *
     * @param partitionKey may be empty
     * @param envelope what the data is encrypted with, if it is
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody; a copy would cost the hot path.
    record NewRecord(HashKey key, String partitionKey, byte[] data, byte @Nullable [] envelope) {

        /** One that is not encrypted. */
        public NewRecord(HashKey key, String partitionKey, byte[] data) {
            this(key, partitionKey, data, null);
        }
    }

    /** What became of a record. */
    sealed interface AppendResult {

        record Appended(ShardId shard, SequenceNumber sequenceNumber) implements AppendResult {}

        /** It was not appended, or must not be acknowledged. */
        record Refused(Kind kind, String message) implements AppendResult {}
    }

    /** Why a record was refused, in Kinesis's words. */
    enum Kind {
        RESOURCE_NOT_FOUND,
        THROUGHPUT_EXCEEDED,
        INTERNAL_FAILURE
    }
}
