/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShardIteratorTokenTest {

    private static final byte[] KEY = "a key".getBytes(StandardCharsets.UTF_8);
    private static final Instant ISSUED = Instant.parse("2026-11-01T12:00:00.123Z");
    private static final ShardIteratorToken TOKEN =
            new ShardIteratorToken(
                    new StreamName("orders"),
                    StreamId.random(new Random(1)),
                    new ShardId(7),
                    42,
                    ISSUED);

    @Test
    void comesBackAsItWas() {
        assertThat(ShardIteratorToken.decode(TOKEN.encode(KEY), KEY, ISSUED)).isEqualTo(TOKEN);
    }

    @Test
    void fitsIntoWhatTheApiAllows() {
        ShardIteratorToken longest =
                new ShardIteratorToken(
                        new StreamName("x".repeat(128)),
                        TOKEN.streamId(),
                        new ShardId(ShardId.INDEX_MAX),
                        Long.MAX_VALUE,
                        ISSUED);

        assertThat(longest.encode(KEY)).hasSizeLessThanOrEqualTo(512);
        assertThat(ShardIteratorToken.decode(longest.encode(KEY), KEY, ISSUED)).isEqualTo(longest);
    }

    @Test
    void expiresAfterFiveMinutes() {
        String text = TOKEN.encode(KEY);
        Instant last = ISSUED.plus(Duration.ofMinutes(5));

        assertThat(ShardIteratorToken.decode(text, KEY, last)).isEqualTo(TOKEN);
        assertThatThrownBy(() -> ShardIteratorToken.decode(text, KEY, last.plusMillis(1)))
                .isInstanceOfSatisfying(
                        AwsException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.EXPIRED_ITERATOR))
                .hasMessage(
                        "Iterator expired. The iterator was created at time Sun Nov 01 12:00:00 UTC"
                                + " 2026 while right now it is Sun Nov 01 12:05:00 UTC 2026 which is"
                                + " further in the future than the tolerated delay of 300000"
                                + " milliseconds.");
    }

    @Test
    void isRefusedWhenAnyBitOfItChanged() {
        byte[] bytes = Base64.getDecoder().decode(TOKEN.encode(KEY));
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            assertInvalid(Base64.getEncoder().encodeToString(changed), KEY);
        }
    }

    @Test
    void isRefusedUnderAnotherKeyAndWhenItIsNoToken() {
        assertInvalid(TOKEN.encode(KEY), new byte[] {1});
        assertInvalid("", KEY);
        assertInvalid("AQ==", KEY);
        assertInvalid("not base64!", KEY);
    }

    private static void assertInvalid(String text, byte[] key) {
        assertThatThrownBy(() -> ShardIteratorToken.decode(text, key, ISSUED))
                .isInstanceOfSatisfying(
                        AwsException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessage("Invalid ShardIterator.");
    }
}
