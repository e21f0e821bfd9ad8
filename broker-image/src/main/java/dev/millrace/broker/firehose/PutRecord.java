/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import dev.millrace.broker.record.RecordEncryption;
import dev.millrace.broker.record.ShardAppender;
import dev.millrace.broker.record.ShardAppender.AppendResult;
import dev.millrace.broker.traffic.Traffic;
import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Violations;
import dev.millrace.shard.DeliveryStreamName;
import java.io.IOException;
import java.util.Optional;

/** Puts one record and answers when all replicas have it. */
public final class PutRecord implements Action {

    private final DeliveryStreams deliveryStreams;
    private final Buffer buffer;

    public PutRecord(
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
        Violations violations = new Violations();
        if (body.hasRecords()) {
            PutBody.check(
                    body.records().isEmpty() ? Optional.empty() : body.records().getFirst(),
                    "record.data",
                    violations);
        } else {
            violations.required("record", Optional.empty());
        }
        violations.check();
        DeliveryStreams.Found found = deliveryStreams.findForPut(name);
        AppendResult result = buffer.appendOne(found, body.records().getFirst());
        return switch (result) {
            case AppendResult.Appended appended ->
                    (out, _) -> {
                        out.writeStringField("RecordId", Buffer.recordId(appended));
                        out.writeBooleanField("Encrypted", Buffer.isEncrypted(found));
                    };
            case AppendResult.Refused(var kind, var message) ->
                    throw switch (kind) {
                        case RESOURCE_NOT_FOUND -> deliveryStreams.notFound(name);
                        case THROUGHPUT_EXCEEDED, INTERNAL_FAILURE ->
                                new AwsException(ErrorCode.SERVICE_UNAVAILABLE, message);
                    };
        };
    }
}
