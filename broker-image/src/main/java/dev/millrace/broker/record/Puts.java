/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.StreamName;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What became of appended records, in AWS's words. */
final class Puts {

    private static final Logger log = LoggerFactory.getLogger(Puts.class);

    /** Longer than the appender itself tries; only its failure to answer ends here. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private Puts() {}

    /** Waits for one result; a failure that is nobody's fault becomes a refusal. */
    static AppendResult await(StreamName stream, CompletableFuture<AppendResult> append)
            throws InterruptedException {
        try {
            return append.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            log.warn("A put to {} failed", stream, e.getCause());
        } catch (TimeoutException _) {
            log.warn("A put to {} got no answer within {}", stream, TIMEOUT);
        }
        return new AppendResult.Refused(
                ShardAppender.Kind.INTERNAL_FAILURE, "Internal service failure.");
    }

    static ErrorCode code(ShardAppender.Kind kind) {
        return switch (kind) {
            case RESOURCE_NOT_FOUND -> ErrorCode.RESOURCE_NOT_FOUND;
            case THROUGHPUT_EXCEEDED -> ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED;
            case INTERNAL_FAILURE -> ErrorCode.INTERNAL_FAILURE;
        };
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
