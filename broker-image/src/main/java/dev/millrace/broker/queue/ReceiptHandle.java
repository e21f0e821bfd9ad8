/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.SignedToken;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.queue.Place;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One receipt of one record, as clients carry it: signed, so that nobody makes one up, and readable
 * by every gateway, so that none has to remember it.
 *
 * @param handout which time the record was given out
 */
record ReceiptHandle(QueueId queue, Place place, long handout) {

    static final int LENGTH_MAX = 1024;

    /** Other tokens that are signed with the same key begin with another byte. */
    private static final byte VERSION = 2;

    private static final int QUEUE_BYTES = 26;
    private static final int PAYLOAD_BYTES = 1 + QUEUE_BYTES + 3 * Long.BYTES;

    String encode(byte[] key) {
        return SignedToken.encode(
                ByteBuffer.allocate(PAYLOAD_BYTES)
                        .put(VERSION)
                        .put(queue.value().getBytes(StandardCharsets.US_ASCII))
                        .putLong(place.shard().index())
                        .putLong(place.offset())
                        .putLong(handout)
                        .array(),
                key);
    }

    /** The receipt that a text stands for, if it was given out with this key. */
    static Optional<ReceiptHandle> decode(String text, byte[] key) {
        return SignedToken.decode(text, key)
                .filter(payload -> payload.length == PAYLOAD_BYTES && payload[0] == VERSION)
                .map(ReceiptHandle::parse);
    }

    private static ReceiptHandle parse(byte[] payload) {
        ByteBuffer buffer = ByteBuffer.wrap(payload, 1, payload.length - 1);
        byte[] queue = new byte[QUEUE_BYTES];
        buffer.get(queue);
        return new ReceiptHandle(
                new QueueId(new String(queue, StandardCharsets.US_ASCII)),
                new Place(new ShardId(buffer.getLong()), buffer.getLong()),
                buffer.getLong());
    }
}
