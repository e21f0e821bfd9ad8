/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Records that the Kinesis Producer Library has put together into one. */
final class KplAggregation {

    private static final byte[] MAGIC = {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2};
    private static final int DIGEST = 16;
    private static final int RECORDS_FIELD = 3;
    private static final int DATA_FIELD = 3;
    private static final int LENGTH_DELIMITED = 2;

    private KplAggregation() {}

    /** The records of an aggregated one; any other as it is. */
    static List<Item> split(Item.Live item) {
        byte[] data = item.data();
        int end = data.length - DIGEST;
        if (end < MAGIC.length
                || !Arrays.equals(data, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                || !Arrays.equals(
                        data, end, data.length, md5(data, MAGIC.length, end), 0, DIGEST)) {
            return List.of(item);
        }
        List<Item> records = new ArrayList<>();
        Reader message = new Reader(data, MAGIC.length, end);
        while (message.hasMore()) {
            Reader field = message.next();
            if (message.number == RECORDS_FIELD && message.type == LENGTH_DELIMITED) {
                while (field.hasMore()) {
                    Reader value = field.next();
                    if (field.number == DATA_FIELD && field.type == LENGTH_DELIMITED) {
                        records.add(item.withData(Arrays.copyOfRange(data, value.at, value.end)));
                    }
                }
            }
        }
        return records;
    }

    /** Reads the fields of a protocol buffer. */
    private static final class Reader {
        private final byte[] data;
        private int at;
        private final int end;
        private int number;
        private int type;

        Reader(byte[] data, int at, int end) {
            this.data = data;
            this.at = at;
            this.end = end;
        }

        boolean hasMore() {
            return at < end;
        }

        /** The next field's value, as far as it is delimited by a length. */
        Reader next() {
            long tag = number();
            number = (int) (tag >>> 3);
            type = (int) (tag & 7);
            int length =
                    switch (type) {
                        case 0 -> {
                            number();
                            yield 0;
                        }
                        case 1 -> 8;
                        case LENGTH_DELIMITED -> (int) number();
                        case 5 -> 4;
                        default -> end - at;
                    };
            int start = at;
            at = Math.min(end, start + Math.max(0, length));
            return new Reader(data, start, at);
        }

        private long number() {
            long value = 0;
            for (int shift = 0; at < end && shift < 64; shift += 7) {
                byte next = data[at++];
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    break;
                }
            }
            return value;
        }
    }

    private static byte[] md5(byte[] data, int from, int to) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(data, from, to - from);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Java has MD5", e);
        }
    }
}
