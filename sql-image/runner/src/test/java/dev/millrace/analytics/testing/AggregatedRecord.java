/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Puts records together as the Kinesis Producer Library does. */
public final class AggregatedRecord {

    private static final byte[] MAGIC = {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2};

    private AggregatedRecord() {}

    /**
     * @param keysAndData a partition key, its record's text, and so on
     */
    public static byte[] of(String... keysAndData) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        for (int i = 0; i < keysAndData.length; i += 2) {
            field(message, 1, keysAndData[i].getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < keysAndData.length; i += 2) {
            ByteArrayOutputStream record = new ByteArrayOutputStream();
            record.write(1 << 3);
            record.write(i / 2);
            field(record, 3, keysAndData[i + 1].getBytes(StandardCharsets.UTF_8));
            field(message, 3, record.toByteArray());
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(MAGIC);
        whole.writeBytes(message.toByteArray());
        try {
            whole.writeBytes(MessageDigest.getInstance("MD5").digest(message.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        return whole.toByteArray();
    }

    /** Fields of less than 128 bytes. */
    private static void field(ByteArrayOutputStream into, int number, byte[] value) {
        into.write(number << 3 | 2);
        into.write(value.length);
        into.writeBytes(value);
    }
}
