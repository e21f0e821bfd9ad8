/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.wire.SignedToken;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.queue.Place;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReceiptHandleTest {

    private static final byte[] KEY = "a key".getBytes(StandardCharsets.US_ASCII);
    private static final ReceiptHandle HANDLE =
            new ReceiptHandle(
                    QueueId.random(new Random(1)),
                    new Place(new ShardId(7), Long.MAX_VALUE - 1),
                    3);

    @Test
    void comesBackAsItWas() {
        String text = HANDLE.encode(KEY);

        assertThat(text.length()).isLessThanOrEqualTo(ReceiptHandle.LENGTH_MAX);
        assertThat(ReceiptHandle.decode(text, KEY)).contains(HANDLE);
    }

    @Test
    void nobodyMakesOneUp() {
        String text = HANDLE.encode("other".getBytes(StandardCharsets.US_ASCII));

        assertThat(ReceiptHandle.decode(text, KEY)).isEmpty();
        assertThat(ReceiptHandle.decode("made up", KEY)).isEmpty();
    }

    /** An iterator of a stream with a name of two letters is as long as a handle. */
    @Test
    void othersSignedAlikeAreNone() {
        byte[] iterator = new byte[51];
        iterator[0] = 1;
        byte[] page = ("queue/" + "n".repeat(45)).getBytes(StandardCharsets.US_ASCII);

        assertThat(ReceiptHandle.decode(SignedToken.encode(iterator, KEY), KEY)).isEmpty();
        assertThat(ReceiptHandle.decode(SignedToken.encode(page, KEY), KEY)).isEmpty();
    }
}
