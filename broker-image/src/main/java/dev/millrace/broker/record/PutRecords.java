/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.record.ShardAppender.NewRecord;
import dev.millrace.broker.stream.Streams;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamSettings;
import dev.millrace.shard.map.StreamView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts up to 500 records. Each is put or fails on its own; the results come in the order of the
 * request.
 */
public final class PutRecords implements Action {

    private static final SerializedString SEQUENCE_NUMBER = new SerializedString("SequenceNumber");
    private static final SerializedString SHARD_ID = new SerializedString("ShardId");
    private static final int KIB = 1024;
    private static final int MIB = KIB * KIB;
    private static final int TOTAL_MAX = 5 * MIB;
    private static final int TOTAL_MAX_OF_LARGE = 10 * MIB;

    private final Streams streams;
    private final ShardAppender appender;
    private final RecordEncryption encryption;
    private final Traffic traffic;

    public PutRecords(
            Streams streams, ShardAppender appender, RecordEncryption encryption, Traffic traffic) {
        this.streams = streams;
        this.appender = appender;
        this.encryption = encryption;
        this.traffic = traffic;
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        long started = traffic.nanoTime();
        PutRequest request = PutRequest.parse(call);
        StreamView stream = check(request);
        StreamName name = stream.state().name();
        StreamSettings settings = stream.state().settings();
        List<NewRecord> records = new ArrayList<>(request.entries().size());
        for (PutEntry entry : request.entries()) {
            records.add(new NewRecord(entry.hashKey(settings), entry.partitionKey(), entry.data()));
        }
        request.endDryRun();
        List<AppendResult> results =
                appender.append(name, encryption.seal(stream.state(), records)).await(Puts.TIMEOUT);
        traffic.of(stream.state())
                .putRecords(Puts.tally(records, results), traffic.nanoTime() - started);
        String encryptionType = RecordEncryption.typeOf(stream.state());
        return (out, protocol) -> write(out, protocol, results, encryptionType);
    }

    /** All checks come before the first record is put, so that a bad request leaves nothing. */
    private StreamView check(PutRequest request) {
        Violations violations = new Violations();
        request.stream().check(violations);
        checkCount(request, violations);
        checkEntries(request, StreamSettings.RECORD_SIZE_KIB_MAX * KIB, false, violations);
        StreamView stream = streams.findUsable(request.stream());
        StreamSettings settings = stream.state().settings();
        int bytesMax = settings.maxRecordSizeKiB() * KIB;
        checkEntries(request, bytesMax, Puts.needsKey(settings), new Violations());
        int totalMax = bytesMax > MIB ? TOTAL_MAX_OF_LARGE : TOTAL_MAX;
        long total = 0;
        for (PutEntry entry : request.entries()) {
            Puts.checkSize(entry, bytesMax);
            total += entry.size();
        }
        if (total > totalMax) {
            throw AwsException.invalidArgument(
                    "Records size exceeds %d MB limit".formatted(totalMax / MIB));
        }
        return stream;
    }

    private static void checkCount(PutRequest request, Violations violations) {
        if (!request.listed()) {
            violations.required("records", Optional.empty());
            return;
        }
        int count = request.entries().size() + request.surplus();
        violations.size("'[" + count + " records]'", "records", count, 1, PutRequest.ENTRIES_MAX);
    }

    private static void checkEntries(
            PutRequest request, int dataMax, boolean keyRequired, Violations violations) {
        if (request.listed()) {
            for (int i = 0; i < request.entries().size(); i++) {
                request.entries().get(i).check(i + 1, dataMax, keyRequired, violations);
            }
        }
        violations.check();
    }

    private static void write(
            JsonGenerator out, Protocol protocol, List<AppendResult> results, String encryptionType)
            throws IOException {
        List<ShardText> shards = new ArrayList<>();
        int failed = 0;
        out.writeArrayFieldStart("Records");
        for (AppendResult result : results) {
            out.writeStartObject();
            switch (result) {
                case AppendResult.Appended(var shard, var sequenceNumber) -> {
                    ShardText text = textOf(shard, shards);
                    out.writeFieldName(SEQUENCE_NUMBER);
                    byte[] digits = text.digits().of(sequenceNumber.offset());
                    protocol.writeAscii(out, digits, 0, digits.length);
                    out.writeFieldName(SHARD_ID);
                    protocol.writeAscii(out, text.id(), 0, text.id().length);
                }
                case AppendResult.Refused(var kind, var message) -> {
                    failed++;
                    out.writeStringField("ErrorCode", Puts.code(kind).awsName());
                    out.writeStringField("ErrorMessage", message);
                }
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeNumberField("FailedRecordCount", failed);
        out.writeStringField("EncryptionType", encryptionType);
    }

    /** What results of one shard have in common. */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
    private record ShardText(SequenceDigits digits, byte[] id) {}

    private static ShardText textOf(ShardId shard, List<ShardText> known) {
        for (ShardText text : known) {
            if (text.digits().shard().equals(shard)) {
                return text;
            }
        }
        ShardText added = new ShardText(new SequenceDigits(shard), shard.toAscii());
        known.add(added);
        return added;
    }
}
