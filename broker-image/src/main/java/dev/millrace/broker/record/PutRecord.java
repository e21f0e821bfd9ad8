/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Partition;
import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.record.ShardAppender.NewRecord;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.Shard;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamSettings;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/** Puts one record and answers when all replicas have it. */
public final class PutRecord implements Action {

    private static final int KIB = 1024;
    private static final Pattern SEQUENCE_NUMBER = Pattern.compile("0|([1-9]\\d{0,128})");

    private final Streams streams;
    private final ShardAppender appender;
    private final RecordLog log;
    private final RecordEncryption encryption;
    private final Traffic traffic;

    public PutRecord(
            Streams streams,
            ShardAppender appender,
            RecordLog log,
            RecordEncryption encryption,
            Traffic traffic) {
        this.streams = streams;
        this.appender = appender;
        this.log = log;
        this.encryption = encryption;
        this.traffic = traffic;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        long started = traffic.nanoTime();
        PutRequest request = PutRequest.parse(call);
        PutEntry entry = request.entries().getFirst();
        Violations violations = new Violations();
        request.stream().check(violations);
        violations.pattern(
                "sequenceNumberForOrdering", request.sequenceNumberForOrdering(), SEQUENCE_NUMBER);
        entry.check(0, StreamSettings.RECORD_SIZE_KIB_MAX * KIB, false, violations);
        violations.check();
        StreamView stream = streams.findUsable(request.stream());
        StreamName name = stream.state().name();
        StreamSettings settings = stream.state().settings();
        int bytesMax = settings.maxRecordSizeKiB() * KIB;
        Violations ofStream = new Violations();
        entry.check(0, bytesMax, Puts.needsKey(settings), ofStream);
        ofStream.check();
        Puts.checkSize(entry, bytesMax);
        HashKey hashKey = entry.hashKey(settings);
        request.sequenceNumberForOrdering().ifPresent(text -> checkOrdering(text, stream, hashKey));
        request.endDryRun();
        List<NewRecord> record =
                List.of(new NewRecord(hashKey, entry.partitionKey(), entry.data()));
        List<AppendResult> results =
                appender.append(name, encryption.seal(stream.state(), record)).await(Puts.TIMEOUT);
        traffic.of(stream.state())
                .putRecord(Puts.tally(record, results), traffic.nanoTime() - started);
        return switch (results.getFirst()) {
            case AppendResult.Appended(var shard, var sequenceNumber) ->
                    (out, _) -> {
                        out.writeStringField("ShardId", shard.toString());
                        out.writeStringField("SequenceNumber", sequenceNumber.toString());
                        out.writeStringField(
                                "EncryptionType", RecordEncryption.typeOf(stream.state()));
                    };
            case AppendResult.Refused(var kind, var message) ->
                    throw new AwsException(Puts.code(kind), message);
        };
    }

    /**
     * A number that was given out before is smaller than the one that this put gets. Any other
     * would be a promise that cannot be kept.
     */
    private void checkOrdering(String text, StreamView stream, HashKey hashKey) {
        SequenceNumber given;
        try {
            given = SequenceNumber.parse(text);
        } catch (IllegalArgumentException _) {
            throw invalidOrdering(text, stream);
        }
        Shard target = stream.route(hashKey).orElseThrow(() -> invalidOrdering(text, stream));
        int byShard = given.shard().compareTo(target.id());
        if (byShard > 0 || byShard == 0 && given.offset() >= endOf(target, stream)) {
            throw invalidOrdering(text, stream);
        }
    }

    private long endOf(Shard shard, StreamView stream) {
        return log.endOffset(
                new Partition(stream.state().id(), stream.state().topic(), shard.partition()));
    }

    private AwsException invalidOrdering(String text, StreamView stream) {
        return AwsException.invalidArgument(
                ("ExclusiveMinimumSequenceNumber %s used in PutRecord on stream %s under account %s"
                                + " is invalid.")
                        .formatted(text, stream.state().name(), streams.account().id()));
    }
}
