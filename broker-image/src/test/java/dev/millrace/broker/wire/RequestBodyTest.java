/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class RequestBodyTest {

    private static final int MIB = 1024 * 1024;

    /** Nobody sweeps here. */
    private static final Consumer<Throwable> GIVE_UP = _ -> {};

    private final RequestBudget budget = new RequestBudget(16 * MIB);
    private final BodyBuffers buffers = new BodyBuffers();

    @Test
    void readsBodiesOfAllSizesOneAfterTheOther() throws IOException {
        for (int length :
                new int[] {
                    0, 1, 40_000, 65_536, 65_537, 700_000, 3, MIB, MIB + 1, 700_000, 3 * MIB
                }) {
            byte[] sent = random(length);
            assertThat(read(sent, length)).isEqualTo(sent);
            assertThat(read(sent, -1)).isEqualTo(sent);
            assertThat(budget.bytesUsed()).isZero();
        }
    }

    @Test
    void usesTheArrayOfALargeBodyAgain() throws IOException {
        byte[] first;
        try (RequestBody body = body()) {
            body.read(new ByteArrayInputStream(random(700_000)), 700_000, GIVE_UP);
            first = body.bytes();
            // The array, and the records that are made of it.
            assertThat(budget.bytesUsed()).isEqualTo(2 * MIB);
            try (RequestBody other = body()) {
                other.read(new ByteArrayInputStream(random(700_000)), 700_000, GIVE_UP);
                assertThat(other.bytes()).isNotSameAs(first);
            }
        }
        try (RequestBody body = body();
                RequestBody another = body()) {
            body.read(new ByteArrayInputStream(random(600_000)), 600_000, GIVE_UP);
            another.read(new ByteArrayInputStream(random(600_000)), 600_000, GIVE_UP);
            assertThat(body.bytes() == first || another.bytes() == first).isTrue();
            assertThat(body.length()).isEqualTo(600_000);
        }
    }

    @Test
    void keepsAFewArraysAndNoMore() {
        byte[][] made = new byte[10][];
        for (int i = 0; i < made.length; i++) {
            made[i] = buffers.take(MIB);
        }
        for (byte[] one : made) {
            buffers.giveBack(one);
        }
        long kept =
                Arrays.stream(new byte[10][])
                        .map(_ -> buffers.take(MIB))
                        .filter(taken -> Arrays.stream(made).anyMatch(one -> one == taken))
                        .count();
        assertThat(kept).isEqualTo(4);
    }

    @Test
    void inflatesWhatIsLargerThanItsFirstArray() throws IOException {
        byte[] sent = new byte[900_000];
        new Random(2).nextBytes(sent);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(sent);
        }
        try (RequestBody body = body()) {
            body.read(
                    new ByteArrayInputStream(compressed.toByteArray()), compressed.size(), GIVE_UP);
            body.inflate();
            assertThat(Arrays.copyOf(body.bytes(), body.length())).isEqualTo(sent);
        }
        assertThat(budget.bytesUsed()).isZero();
    }

    @Test
    void countsArraysAndNotOnlyWhatIsInThem() throws IOException {
        RequestBudget small = new RequestBudget(2 * MIB - 1);
        try (RequestBody body = new RequestBody(small, buffers, 16 * MIB, new SlowBodies())) {
            assertThatThrownBy(() ->
                            body.read(new ByteArrayInputStream(new byte[1]), 600_000, GIVE_UP))
                    .isInstanceOf(AwsException.class);
        }
        assertThat(small.bytesUsed()).isZero();
    }

    @Test
    void takesNoMemoryForABodyOfWhichNothingCame() throws IOException {
        RequestBudget none = new RequestBudget(0);
        try (RequestBody body = new RequestBody(none, buffers, 16 * MIB, new SlowBodies())) {
            body.read(new ByteArrayInputStream(new byte[0]), 600_000, GIVE_UP);
            assertThat(body.length()).isZero();
        }
    }

    @Test
    void readsNoFurtherThanWasAnnounced() throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(random(700_010));
        try (RequestBody body = body()) {
            body.read(in, 700_000, GIVE_UP);
            assertThat(body.length()).isEqualTo(700_000);
            assertThat(in.available()).isEqualTo(10);
        }
    }

    private byte[] read(byte[] sent, int announced) throws IOException {
        try (RequestBody body = body()) {
            body.read(new ByteArrayInputStream(sent), announced, GIVE_UP);
            return Arrays.copyOf(body.bytes(), body.length());
        }
    }

    private RequestBody body() {
        return new RequestBody(budget, buffers, 16 * MIB, new SlowBodies());
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
