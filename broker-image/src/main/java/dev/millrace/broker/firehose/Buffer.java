/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.record.ShardAppender.NewRecord;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.HashKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Puts records where the workers of a delivery stream read them: anywhere, as none has a key. */
record Buffer(ShardAppender appender) {

    /** Longer than the appender itself tries; only its failure to answer ends here. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** Waits until all replicas have them, or until it is known that they do not. */
    List<AppendResult> append(DeliveryStreamName name, List<Optional<byte[]>> records)
            throws InterruptedException {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        List<NewRecord> appended =
                records.stream()
                        .map(data ->
                                new NewRecord(
                                        new HashKey(random.nextLong(), random.nextLong()),
                                        "",
                                        data.orElseThrow()))
                        .toList();
        return appender.append(name.buffer(), appended).await(TIMEOUT);
    }

    /** What the caller may call the record by: unique in its delivery stream. */
    static String recordId(AppendResult.Appended appended) {
        return appended.sequenceNumber().toString();
    }
}
