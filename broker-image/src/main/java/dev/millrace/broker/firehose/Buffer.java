/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import dev.millrace.broker.record.RecordEncryption;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.record.ShardAppender.NewRecord;
import dev.millrace.broker.traffic.PutTally;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.HashKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Puts records where the workers of a delivery stream read them: anywhere, as none has a key. They
 * are counted as what comes into that stream.
 */
record Buffer(ShardAppender appender, RecordEncryption encryption, Traffic traffic) {

    /** Longer than the appender itself tries; only its failure to answer ends here. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** Waits until all replicas have it, or until it is known that they do not. */
    AppendResult appendOne(DeliveryStreams.Found found, Optional<byte[]> data)
            throws InterruptedException {
        long started = traffic.nanoTime();
        List<NewRecord> records = records(List.of(data));
        List<AppendResult> results = append(found, records);
        traffic.of(found.buffer().state())
                .putRecord(tally(records, results), traffic.nanoTime() - started);
        return results.getFirst();
    }

    /** Waits until all replicas have them, or until it is known that they do not. */
    List<AppendResult> appendAll(DeliveryStreams.Found found, List<Optional<byte[]>> data)
            throws InterruptedException {
        long started = traffic.nanoTime();
        List<NewRecord> records = records(data);
        List<AppendResult> results = append(found, records);
        traffic.of(found.buffer().state())
                .putRecords(tally(records, results), traffic.nanoTime() - started);
        return results;
    }

    private List<AppendResult> append(DeliveryStreams.Found found, List<NewRecord> records)
            throws InterruptedException {
        return appender.append(found.name().buffer(), sealed(found, records)).await(TIMEOUT);
    }

    private List<NewRecord> sealed(DeliveryStreams.Found found, List<NewRecord> records) {
        try {
            return encryption.seal(found.buffer().state(), records);
        } catch (AwsException e) {
            throw new AwsException(ErrorCode.INVALID_KMS_RESOURCE, String.valueOf(e.getMessage()));
        }
    }

    static boolean isEncrypted(DeliveryStreams.Found found) {
        return found.buffer().state().settings().keyId().isPresent();
    }

    private static List<NewRecord> records(List<Optional<byte[]>> data) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return data.stream()
                .map(one ->
                        new NewRecord(
                                new HashKey(random.nextLong(), random.nextLong()),
                                "",
                                one.orElseThrow()))
                .toList();
    }

    private static PutTally tally(List<NewRecord> records, List<AppendResult> results) {
        PutTally tally = new PutTally();
        for (int i = 0; i < results.size(); i++) {
            NewRecord record = records.get(i);
            switch (results.get(i)) {
                case AppendResult.Appended(var shard, _) ->
                        tally.countAppended(shard, record.data().length, record.key());
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

    /** What the caller may call the record by: unique in its delivery stream. */
    static String recordId(AppendResult.Appended appended) {
        return appended.sequenceNumber().toString();
    }
}
