/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.broker.record.RecordLog.Entry;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.ShardId;
import java.io.IOException;
import java.time.Instant;

/** Records as the API shows them to readers. */
public final class RecordJson {

    private RecordJson() {}

    public static void write(JsonGenerator out, Protocol protocol, ShardId shard, Entry entry)
            throws IOException {
        out.writeStartObject();
        byte[] number = new byte[SequenceNumber.DIGITS];
        new SequenceNumber(shard, entry.offset()).write(number);
        out.writeFieldName("SequenceNumber");
        protocol.writeAscii(out, number);
        out.writeFieldName("ApproximateArrivalTimestamp");
        protocol.writeTimestamp(out, Instant.ofEpochMilli(entry.timestampMillis()));
        out.writeBinaryField("Data", entry.value());
        if (!entry.key().isEmpty()) {
            out.writeStringField("PartitionKey", entry.key());
        }
        if (entry.envelope() != null) {
            out.writeStringField("EncryptionType", "KMS");
        }
        out.writeEndObject();
    }
}
