/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Reads a shard by GetRecords or SubscribeToShard and looks at nothing but sequence numbers and
 * where to go on, so that what is measured is the server and not the client. All bytes of all
 * records cross the connection.
 */
final class LeanReader {

    private static final byte[] SEQUENCE_NUMBER = ascii("SequenceNumber");
    private static final byte[] CONTINUATION = ascii("ContinuationSequenceNumber");
    private static final byte[] NEXT_ITERATOR = ascii("NextShardIterator");
    private static final byte[] ITERATOR = ascii("ShardIterator");
    private static final int NUMBER_DIGITS = 56;
    private static final int OFFSET_SHIFT = 80;
    private static final int PRELUDE_BYTES = 12;

    private final Target target;
    private final Prepared prepared;

    /** What may become of records that were read: most readers only count them. */
    interface Sink {
        /**
         * @param body an answer or event, with its records in the encoding of the request
         */
        void take(byte[] body, int length);
    }

    LeanReader(Target target, Prepared.Encoding encoding) {
        this.target = target;
        this.prepared = target.prepared(encoding);
    }

    /**
     * Reads by GetRecords until the deadline; begins anew where the shard ends, unless it began at
     * LATEST.
     *
     * @return how many records
     */
    long getRecords(String stream, int shard, String from, long deadline, Sink sink)
            throws IOException {
        long records = 0;
        try (RawConnection connection = target.connect()) {
            String iterator = iterator(connection, stream, shard, from);
            while (System.nanoTime() < deadline) {
                String at = iterator;
                connection.call(
                        prepared.request(
                                "GetRecords", out -> out.writeStringField("ShardIterator", at)));
                byte[] body = connection.answer();
                int length = connection.answerLength();
                long got = records(body, length);
                records += got;
                sink.take(body, length);
                iterator =
                        got == 0 && !from.equals("LATEST")
                                ? iterator(connection, stream, shard, from)
                                : text(body, lastOf(NEXT_ITERATOR, body, 0, length), length);
            }
        }
        return records;
    }

    private String iterator(RawConnection connection, String stream, int shard, String from)
            throws IOException {
        connection.call(
                prepared.request(
                        "GetShardIterator",
                        out -> {
                            out.writeStringField("StreamName", stream);
                            out.writeStringField("ShardId", Target.shardId(shard));
                            out.writeStringField("ShardIteratorType", from);
                        }));
        byte[] body = connection.answer();
        int length = connection.answerLength();
        return text(body, lastOf(ITERATOR, body, 0, length), length);
    }

    /**
     * Reads by SubscribeToShard until the deadline, or until so many records came.
     *
     * @param begun is run when the subscription stands
     * @return how many records came
     */
    long subscribe(
            String consumerArn,
            int shard,
            String from,
            long recordsMax,
            long deadline,
            Runnable begun,
            Sink sink)
            throws IOException {
        byte[] request =
                prepared.request(
                        "SubscribeToShard",
                        out -> {
                            out.writeStringField("ConsumerARN", consumerArn);
                            out.writeStringField("ShardId", Target.shardId(shard));
                            out.writeObjectFieldStart("StartingPosition");
                            out.writeStringField("Type", from);
                            out.writeEndObject();
                        });
        long first = from.equals("LATEST") ? -1 : 0;
        long next = first;
        byte[] event = new byte[1 << 20];
        try (RawConnection connection = target.connect();
                DataInputStream in = new DataInputStream(connection.stream(request))) {
            while (next - first < recordsMax && System.nanoTime() < deadline) {
                int length = in.readInt() - Integer.BYTES;
                if (event.length < length) {
                    event = new byte[length];
                }
                in.readFully(event, 0, length);
                int continuation = lastOf(CONTINUATION, event, PRELUDE_BYTES, length);
                if (continuation < 0) {
                    continue;
                }
                next = offset(event, continuation) + 1;
                if (first < 0) {
                    // The first event tells where the subscription stands.
                    first = next;
                }
                begun.run();
                sink.take(event, length);
            }
        } catch (EOFException e) {
            throw new IOException("The subscription to shard " + shard + " ended", e);
        }
        return Math.max(0, next - first);
    }

    /** Offsets are without gaps, as nobody writes to these shards in transactions. */
    private long records(byte[] body, int length) {
        int last = lastOf(SEQUENCE_NUMBER, body, 0, length);
        return last < 0
                ? 0
                : offset(body, last) - offset(body, firstOf(SEQUENCE_NUMBER, body, length)) + 1;
    }

    /** The offset in the sequence number behind a field's name. */
    private long offset(byte[] body, int nameEnd) {
        int from = nameEnd + (prepared.encoding() == Prepared.Encoding.JSON ? 3 : 2);
        String digits = new String(body, from, NUMBER_DIGITS, StandardCharsets.US_ASCII);
        return new BigInteger(digits).shiftRight(OFFSET_SHIFT).longValue() - 1;
    }

    /** The text behind a field's name. */
    private String text(byte[] body, int nameEnd, int length) {
        int from = nameEnd + 2;
        int end = from;
        if (prepared.encoding() == Prepared.Encoding.JSON) {
            from++;
            for (end = from; body[end] != '"'; end++) {
                // Up to the quote.
            }
        } else {
            boolean oneByte = (body[nameEnd] & 0xFF) == 0x78;
            int size = body[nameEnd + 1] & 0xFF;
            if (!oneByte) {
                size = size << 8 | body[nameEnd + 2] & 0xFF;
                from++;
            }
            end = Math.min(length, from + size);
        }
        return new String(body, from, end - from, StandardCharsets.US_ASCII);
    }

    private static int firstOf(byte[] name, byte[] body, int length) {
        for (int i = 0; i <= length - name.length; i++) {
            if (isAt(name, body, i)) {
                return i + name.length;
            }
        }
        return -1;
    }

    /** Where the last field of that name ends; -1 if there is none. */
    private static int lastOf(byte[] name, byte[] body, int from, int length) {
        for (int i = length - name.length; i >= from; i--) {
            if (isAt(name, body, i)) {
                return i + name.length;
            }
        }
        return -1;
    }

    private static boolean isAt(byte[] name, byte[] body, int at) {
        for (int i = 0; i < name.length; i++) {
            if (body[at + i] != name[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
