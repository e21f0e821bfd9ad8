/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.RecordLog.Batch;
import dev.millrace.broker.record.RecordLog.Entry;
import dev.millrace.broker.record.ShardAppender.NewRecord;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.encryption.KeyName;
import dev.millrace.shard.encryption.KeyNotFoundException;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.encryption.RecordCipher.Sealed;
import dev.millrace.shard.map.StreamState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Encrypts records on their way in and decrypts them on their way out, in AWS's words for errors.
 */
public final class RecordEncryption {

    private final RecordCipher cipher;

    public RecordEncryption(RecordCipher cipher) {
        this.cipher = cipher;
    }

    /**
     * The records as they are stored.
     *
     * @throws AwsException if the stream's key is not there
     */
    public List<NewRecord> seal(StreamState stream, List<NewRecord> records) {
        Optional<String> keyId = stream.settings().keyId();
        if (keyId.isEmpty()) {
            return records;
        }
        try {
            KeyName key = KeyName.ofKeyId(keyId.get());
            List<NewRecord> sealed = new ArrayList<>(records.size());
            for (NewRecord record : records) {
                Sealed one = cipher.encrypt(key, stream.id(), record.data());
                sealed.add(
                        new NewRecord(
                                record.key(),
                                record.partitionKey(),
                                one.ciphertext(),
                                one.envelope()));
            }
            return sealed;
        } catch (KeyNotFoundException | IllegalStateException e) {
            throw unusable(e);
        }
    }

    /**
     * The records as they were put.
     *
     * @throws AwsException if a key is not there, or a record is not what was put
     */
    Batch open(StreamId stream, Batch batch) {
        boolean encrypted = batch.entries().stream().anyMatch(entry -> entry.envelope() != null);
        if (!encrypted) {
            return batch;
        }
        try {
            List<Entry> opened = new ArrayList<>(batch.entries().size());
            for (Entry entry : batch.entries()) {
                opened.add(open(stream, entry));
            }
            return new Batch(opened, batch.nextOffset(), batch.endOffset());
        } catch (KeyNotFoundException | IllegalStateException e) {
            throw unusable(e);
        } catch (IllegalArgumentException e) {
            throw new AwsException(
                    ErrorCode.KMS_INVALID_STATE, "A record cannot be decrypted: " + e.getMessage());
        }
    }

    private Entry open(StreamId stream, Entry entry) {
        byte[] envelope = entry.envelope();
        return envelope == null
                ? entry
                : new Entry(
                        entry.offset(),
                        entry.timestampMillis(),
                        entry.key(),
                        cipher.decrypt(envelope, stream, entry.value()),
                        envelope);
    }

    private static AwsException unusable(RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        return e instanceof KeyNotFoundException
                ? new AwsException(ErrorCode.KMS_NOT_FOUND, message + ".")
                : new AwsException(ErrorCode.KMS_INVALID_STATE, message);
    }

    static String typeOf(StreamState stream) {
        return stream.settings().keyId().isPresent() ? "KMS" : "NONE";
    }
}
