/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.record.RecordEncryption;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.DeliveryStreamName;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Puts up to 500 records, of 4 MiB together. Answers when it is known of each whether all replicas
 * have it: one that failed never fails its neighbours.
 */
public final class PutRecordBatch implements Action {

    private static final int RECORDS_MAX = 500;
    private static final long BYTES_MAX = 4L * 1024 * 1024;

    private final DeliveryStreams deliveryStreams;
    private final Buffer buffer;

    public PutRecordBatch(
            DeliveryStreams deliveryStreams,
            ShardAppender appender,
            RecordEncryption encryption,
            Traffic traffic) {
        this.deliveryStreams = deliveryStreams;
        this.buffer = new Buffer(appender, encryption, traffic);
    }

    @Override
    public Answer handle(Call call) throws IOException, InterruptedException {
        PutBody body = PutBody.read(call);
        DeliveryStreamName name = DeliveryStreams.name(body.deliveryStream());
        check(body);
        DeliveryStreams.Found found = deliveryStreams.findForPut(name);
        List<AppendResult> results = buffer.appendAll(found, body.records());
        long failed = results.stream().filter(AppendResult.Refused.class::isInstance).count();
        return (out, _) -> {
            out.writeNumberField("FailedPutCount", failed);
            out.writeBooleanField("Encrypted", Buffer.isEncrypted(found));
            out.writeArrayFieldStart("RequestResponses");
            for (AppendResult result : results) {
                write(out, result);
            }
            out.writeEndArray();
        };
    }

    private static void check(PutBody body) {
        Violations violations = new Violations();
        if (!body.hasRecords()) {
            violations.required("records", Optional.empty());
        } else {
            violations.size(
                    "'[" + body.records().size() + " records]'",
                    "records",
                    body.records().size(),
                    1,
                    RECORDS_MAX);
        }
        long bytes = 0;
        for (int i = 0; i < body.records().size(); i++) {
            Optional<byte[]> data = body.records().get(i);
            PutBody.check(data, "records." + (i + 1) + ".member.data", violations);
            bytes += data.map(d -> d.length).orElse(0);
        }
        violations.check();
        if (bytes > BYTES_MAX) {
            throw AwsException.invalidArgument("Records size exceeds 4 MB limit");
        }
    }

    private static void write(JsonGenerator out, AppendResult result) throws IOException {
        out.writeStartObject();
        switch (result) {
            case AppendResult.Appended appended ->
                    out.writeStringField("RecordId", Buffer.recordId(appended));
            case AppendResult.Refused(var kind, var message) -> {
                out.writeStringField(
                        "ErrorCode",
                        switch (kind) {
                            case THROUGHPUT_EXCEEDED -> "ServiceUnavailableException";
                            case RESOURCE_NOT_FOUND, INTERNAL_FAILURE -> "InternalFailure";
                        });
                out.writeStringField("ErrorMessage", message);
            }
        }
        out.writeEndObject();
    }
}
