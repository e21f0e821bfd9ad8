/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.SignedToken;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * A place in a shard as clients carry it: signed, so that nobody makes one up, and readable by
 * every gateway of the pool, so that none has to remember it.
 *
 * @param nextOffset the offset to read from
 * @param issuedAt when it was given out; it is valid for five minutes from then
 */
public record ShardIteratorToken(
        StreamName stream, StreamId streamId, ShardId shard, long nextOffset, Instant issuedAt) {

    static final Duration VALID_FOR = Duration.ofMinutes(5);

    private static final byte VERSION = 1;
    private static final int STREAM_ID_BYTES = 24;
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE MMM dd HH:mm:ss 'UTC' uuuu", Locale.US)
                    .withZone(ZoneOffset.UTC);

    String encode(byte[] key) {
        byte[] name = stream.value().getBytes(StandardCharsets.US_ASCII);
        byte[] payload =
                ByteBuffer.allocate(1 + 3 * Long.BYTES + STREAM_ID_BYTES + name.length)
                        .put(VERSION)
                        .putLong(issuedAt.toEpochMilli())
                        .putLong(shard.index())
                        .putLong(nextOffset)
                        .put(streamId.value().getBytes(StandardCharsets.US_ASCII))
                        .put(name)
                        .array();
        return SignedToken.encode(payload, key);
    }

    /**
     * @throws AwsException if the token was not given out with this key, or is too old
     */
    static ShardIteratorToken decode(String text, byte[] key, Instant now) {
        ShardIteratorToken token =
                SignedToken.decode(text, key)
                        .filter(payload -> payload.length > 0 && payload[0] == VERSION)
                        .map(ShardIteratorToken::parse)
                        .orElseThrow(() -> AwsException.invalidArgument("Invalid ShardIterator."));
        if (token.issuedAt().plus(VALID_FOR).isBefore(now)) {
            throw new AwsException(
                    ErrorCode.EXPIRED_ITERATOR,
                    ("Iterator expired. The iterator was created at time %s while right now it is"
                                    + " %s which is further in the future than the tolerated delay"
                                    + " of %d milliseconds.")
                            .formatted(
                                    DATE.format(token.issuedAt()),
                                    DATE.format(now),
                                    VALID_FOR.toMillis()));
        }
        return token;
    }

    /** The stream of a token that was given out with this key, however long ago. */
    public static Optional<StreamName> streamOf(String text, byte[] key) {
        return SignedToken.decode(text, key)
                .filter(payload -> payload.length > 0 && payload[0] == VERSION)
                .map(payload -> parse(payload).stream());
    }

    private static ShardIteratorToken parse(byte[] payload) {
        ByteBuffer buffer = ByteBuffer.wrap(payload, 1, payload.length - 1);
        Instant issuedAt = Instant.ofEpochMilli(buffer.getLong());
        ShardId shard = new ShardId(buffer.getLong());
        long nextOffset = buffer.getLong();
        StreamId id = new StreamId(ascii(buffer, STREAM_ID_BYTES));
        StreamName name = new StreamName(ascii(buffer, buffer.remaining()));
        return new ShardIteratorToken(name, id, shard, nextOffset, issuedAt);
    }

    private static String ascii(ByteBuffer buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
