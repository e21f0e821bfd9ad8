/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A record with its partition key in front, for destinations that want it: two bytes of length, the
 * key, the data.
 */
public record KeyedRecord(byte[] key, byte[] data) {

    /** Both as one. */
    public static byte[] join(String key, byte[] data) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + bytes.length + data.length)
                .putShort((short) bytes.length)
                .put(bytes)
                .put(data)
                .array();
    }

    public static KeyedRecord split(byte[] joined) {
        int length = Short.toUnsignedInt(ByteBuffer.wrap(joined).getShort());
        return new KeyedRecord(
                Arrays.copyOfRange(joined, 2, 2 + length),
                Arrays.copyOfRange(joined, 2 + length, joined.length));
    }
}
