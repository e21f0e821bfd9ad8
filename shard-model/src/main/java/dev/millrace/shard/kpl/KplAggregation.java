/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.kpl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Records that the Kinesis Producer Library has put together into one. */
public final class KplAggregation {

    private static final byte[] MAGIC = {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2};
    private static final int DIGEST = 16;
    private static final int KEYS_FIELD = 1;
    private static final int RECORDS_FIELD = 3;
    private static final int KEY_INDEX_FIELD = 1;
    private static final int DATA_FIELD = 3;
    private static final int LENGTH_DELIMITED = 2;

    private KplAggregation() {}

    /**
     * A record as a producer's user has put it.
     *
     * @param partitionKey empty if the producer has left it out
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
    public record UserRecord(String partitionKey, byte[] data) {}

    /** Whether a record holds several: it begins as they do, and its digest is right. */
    public static boolean isAggregated(byte[] data) {
        int end = data.length - DIGEST;
        return end >= MAGIC.length
                && Arrays.equals(data, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                && Arrays.equals(data, end, data.length, md5(data, MAGIC.length, end), 0, DIGEST);
    }

    /** The records in an aggregated one, in their order. */
    public static List<UserRecord> split(byte[] data) {
        List<String> keys = new ArrayList<>();
        List<UserRecord> records = new ArrayList<>();
        Reader message = new Reader(data, MAGIC.length, data.length - DIGEST);
        while (message.hasMore()) {
            Reader field = message.next();
            if (message.type != LENGTH_DELIMITED) {
                continue;
            }
            if (message.number == KEYS_FIELD) {
                keys.add(new String(data, field.at, field.end - field.at, StandardCharsets.UTF_8));
            } else if (message.number == RECORDS_FIELD) {
                record(data, field, keys).ifPresent(records::add);
            }
        }
        return records;
    }

    private static Optional<UserRecord> record(byte[] data, Reader field, List<String> keys) {
        String key = "";
        byte[] found = null;
        while (field.hasMore()) {
            Reader value = field.next();
            if (field.number == KEY_INDEX_FIELD && field.value >= 0 && field.value < keys.size()) {
                key = keys.get((int) field.value);
            } else if (field.number == DATA_FIELD && field.type == LENGTH_DELIMITED) {
                found = Arrays.copyOfRange(data, value.at, value.end);
            }
        }
        return found == null ? Optional.empty() : Optional.of(new UserRecord(key, found));
    }

    /** Reads the fields of a protocol buffer. */
    private static final class Reader {
        private final byte[] data;
        private int at;
        private final int end;
        private int number;
        private int type;

        /** Of a field that is a number. */
        private long value;

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
            long tag = varint();
            number = (int) (tag >>> 3);
            type = (int) (tag & 7);
            value = Long.MAX_VALUE;
            int length =
                    switch (type) {
                        case 0 -> {
                            value = varint();
                            yield 0;
                        }
                        case 1 -> 8;
                        case LENGTH_DELIMITED -> (int) varint();
                        case 5 -> 4;
                        default -> end - at;
                    };
            int start = at;
            at = Math.min(end, start + Math.max(0, length));
            return new Reader(data, start, at);
        }

        private long varint() {
            long read = 0;
            for (int shift = 0; at < end && shift < 64; shift += 7) {
                byte next = data[at++];
                read |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    break;
                }
            }
            return read;
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
