/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.millrace.broker.record.RecordLog.Entry;
import dev.millrace.broker.wire.Protocol;
import dev.millrace.shard.SequenceNumber;
import dev.millrace.shard.ShardId;
import java.io.IOException;
import java.util.List;

/** Records as the API shows them to readers. */
public final class RecordJson {

    private static final SerializedString SEQUENCE_NUMBER = new SerializedString("SequenceNumber");
    private static final SerializedString ARRIVAL =
            new SerializedString("ApproximateArrivalTimestamp");
    private static final SerializedString DATA = new SerializedString("Data");
    private static final SerializedString PARTITION_KEY = new SerializedString("PartitionKey");
    private static final SerializedString ENCRYPTION_TYPE = new SerializedString("EncryptionType");

    /** What a record takes beside its data and key, roughly. */
    private static final int FIELDS_BYTES = 180;

    private RecordJson() {}

    /** Writes records of one shard into an array that is open. Used by one thread. */
    public static final class Writer {
        private final JsonGenerator out;
        private final Protocol protocol;
        private final SequenceDigits digits;

        public Writer(JsonGenerator out, Protocol protocol, ShardId shard) {
            this.out = out;
            this.protocol = protocol;
            this.digits = new SequenceDigits(shard);
        }

        public void write(List<Entry> entries) throws IOException {
            for (Entry entry : entries) {
                write(entry);
            }
        }

        private void write(Entry entry) throws IOException {
            out.writeStartObject();
            out.writeFieldName(SEQUENCE_NUMBER);
            protocol.writeAscii(out, digits.of(entry.offset()), 0, SequenceNumber.DIGITS);
            out.writeFieldName(ARRIVAL);
            protocol.writeTimestamp(out, entry.timestampMillis());
            out.writeFieldName(DATA);
            protocol.writeBlob(out, entry.data());
            if (entry.utf8Key().hasRemaining()) {
                out.writeFieldName(PARTITION_KEY);
                protocol.writeText(out, entry.utf8Key());
            }
            if (entry.envelope() != null) {
                out.writeFieldName(ENCRYPTION_TYPE);
                out.writeString("KMS");
            }
            out.writeEndObject();
        }
    }

    /** Roughly how many bytes records take so. */
    public static int sizeOf(RecordLog.Batch batch, Protocol protocol) {
        return protocol.sizeOfBlob(batch.bytes()) + FIELDS_BYTES * batch.entries().size();
    }
}
