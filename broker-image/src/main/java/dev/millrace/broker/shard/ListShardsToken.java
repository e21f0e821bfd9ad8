/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shard;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.NextName;
import dev.millrace.broker.wire.SignedToken;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * Where ListShards goes on, as clients carry it. It is valid for five minutes.
 *
 * @param last the shard that was shown last
 */
public record ListShardsToken(
        StreamName stream, StreamId id, ShardFilter filter, ShardId last, Instant issuedAt) {

    private static final String SEPARATOR = "/";
    private static final int PARTS = 7;

    String encode(byte[] key) {
        String text =
                String.join(
                        SEPARATOR,
                        Long.toString(issuedAt.toEpochMilli()),
                        stream.value(),
                        id.value(),
                        Long.toString(last.index()),
                        filter.type().name(),
                        filter.after().map(shard -> Long.toString(shard.index())).orElse(""),
                        filter.time().map(time -> Long.toString(time.toEpochMilli())).orElse(""));
        return SignedToken.encode(text.getBytes(StandardCharsets.US_ASCII), key);
    }

    /** The stream of a token that was given out with this key, however long ago. */
    public static Optional<StreamName> streamOf(String text, byte[] key) {
        return SignedToken.decode(text, key)
                .map(payload -> new String(payload, StandardCharsets.US_ASCII).split(SEPARATOR, -1))
                .filter(parts -> parts.length == PARTS)
                .map(parts -> new StreamName(parts[1]));
    }

    /**
     * @throws AwsException if the token was not given out with this key, or is too old
     */
    static ListShardsToken decode(String text, byte[] key, Instant now) {
        String[] parts =
                SignedToken.decode(text, key)
                        .map(payload -> new String(payload, StandardCharsets.US_ASCII))
                        .map(payload -> payload.split(SEPARATOR, -1))
                        .filter(split -> split.length == PARTS)
                        .orElseThrow(() -> AwsException.invalidArgument("Invalid NextToken."));
        Instant issuedAt = Instant.ofEpochMilli(Long.parseLong(parts[0]));
        NextName.checkAge(issuedAt, now);
        return new ListShardsToken(
                new StreamName(parts[1]),
                new StreamId(parts[2]),
                new ShardFilter(
                        ShardFilter.Type.valueOf(parts[4]),
                        number(parts[5]).map(ShardId::new),
                        number(parts[6]).map(Instant::ofEpochMilli)),
                new ShardId(Long.parseLong(parts[3])),
                issuedAt);
    }

    private static Optional<Long> number(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(Long.parseLong(text));
    }
}
