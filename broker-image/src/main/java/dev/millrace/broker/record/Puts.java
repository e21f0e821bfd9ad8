/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.record.ShardAppender.NewRecord;
import dev.millrace.broker.traffic.PutTally;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.map.RecordDistributionStrategy;
import dev.millrace.shard.map.StreamSettings;
import java.time.Duration;
import java.util.List;

/** What became of appended records, in AWS's words. */
final class Puts {

    /** Longer than the appender itself tries; only its failure to answer ends here. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    private Puts() {}

    static boolean needsKey(StreamSettings settings) {
        return settings.recordDistribution() == RecordDistributionStrategy.USER_PARTITION_KEY;
    }

    static ErrorCode code(ShardAppender.Kind kind) {
        return switch (kind) {
            case RESOURCE_NOT_FOUND -> ErrorCode.RESOURCE_NOT_FOUND;
            case THROUGHPUT_EXCEEDED -> ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED;
            case INTERNAL_FAILURE -> ErrorCode.INTERNAL_FAILURE;
        };
    }

    /** Counts what became of records. */
    static PutTally tally(List<NewRecord> records, List<AppendResult> results) {
        PutTally tally = new PutTally();
        for (int i = 0; i < results.size(); i++) {
            NewRecord record = records.get(i);
            switch (results.get(i)) {
                case AppendResult.Appended(var shard, _) ->
                        tally.countAppended(
                                shard,
                                record.data().length + record.partitionKey().length(),
                                record.key());
                case AppendResult.Refused(var kind, _) -> {
                    if (kind == ShardAppender.Kind.THROUGHPUT_EXCEEDED) {
                        tally.countThrottled();
                    } else {
                        tally.countFailed();
                    }
                }
            }
        }
        return tally;
    }

    /**
     * @throws AwsException if data and partition key together are larger than the stream takes
     */
    static void checkSize(PutEntry entry, int bytesMax) {
        if (entry.size() > bytesMax) {
            throw AwsException.invalidArgument(
                    "The record has %d bytes with its partition key, more than the %d that the stream takes."
                            .formatted(entry.size(), bytesMax));
        }
    }
}
