/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A place in a shard as clients carry it: signed, so that nobody makes one up, and readable by
 * every gateway of the pool, so that none has to remember it.
 *
 * @param nextOffset the offset to read from
 * @param issuedAt when it was given out; it is valid for five minutes from then
 */
record ShardIteratorToken(
        StreamName stream, StreamId streamId, ShardId shard, long nextOffset, Instant issuedAt) {

    static final Duration VALID_FOR = Duration.ofMinutes(5);

    private static final byte VERSION = 1;
    private static final String HMAC = "HmacSHA256";
    private static final int HMAC_BYTES = 32;
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
        byte[] token = Arrays.copyOf(payload, payload.length + HMAC_BYTES);
        System.arraycopy(hmac(key, payload), 0, token, payload.length, HMAC_BYTES);
        return Base64.getEncoder().encodeToString(token);
    }

    /**
     * @throws AwsException if the token was not given out with this key, or is too old
     */
    static ShardIteratorToken decode(String text, byte[] key, Instant now) {
        ShardIteratorToken token;
        try {
            token = parse(Base64.getDecoder().decode(text), key);
        } catch (IllegalArgumentException | BufferUnderflowException _) {
            throw AwsException.invalidArgument("Invalid ShardIterator.");
        }
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

    private static ShardIteratorToken parse(byte[] token, byte[] key) {
        int length = token.length - HMAC_BYTES;
        if (length < 1 || token[0] != VERSION) {
            throw new IllegalArgumentException("Not a token");
        }
        byte[] payload = Arrays.copyOf(token, length);
        if (!MessageDigest.isEqual(
                hmac(key, payload), Arrays.copyOfRange(token, length, token.length))) {
            throw new IllegalArgumentException("Not a token of this pool");
        }
        ByteBuffer buffer = ByteBuffer.wrap(payload, 1, length - 1);
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

    private static byte[] hmac(byte[] key, byte[] payload) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(payload);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + HMAC, e);
        }
    }
}
