/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SequenceNumberTest {

    @Test
    void decodesToShardAndOffset() {
        Random random = new Random(2);
        for (int i = 0; i < 1_000; i++) {
            SequenceNumber number =
                    new SequenceNumber(
                            new ShardId(random.nextLong(ShardId.INDEX_MAX + 1)),
                            random.nextLong(Long.MAX_VALUE));
            assertThat(number.toString()).hasSize(56);
            assertThat(SequenceNumber.parse(number.toString())).isEqualTo(number);
        }
    }

    @Test
    void isWrittenAsItsNumber() {
        Random random = new Random(3);
        for (int i = 0; i < 10_000; i++) {
            SequenceNumber number =
                    new SequenceNumber(
                            new ShardId(
                                    random.nextLong(ShardId.INDEX_MAX + 1) >>> random.nextInt(40)),
                            random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63));
            assertThat(number).hasToString(number.toBigInteger().toString());
        }
        SequenceNumber largest =
                new SequenceNumber(new ShardId(ShardId.INDEX_MAX), Long.MAX_VALUE - 1);
        assertThat(largest).hasToString(largest.toBigInteger().toString());
    }

    @Test
    void theNextIsWrittenFromTheOneBefore() {
        Random random = new Random(4);
        for (int i = 0; i < 10_000; i++) {
            ShardId shard = new ShardId(random.nextLong(ShardId.INDEX_MAX + 1));
            long offset = random.nextLong(Long.MAX_VALUE - 1) >>> random.nextInt(63);
            byte[] digits = new byte[SequenceNumber.DIGITS];
            new SequenceNumber(shard, offset).write(digits);

            SequenceNumber.writeNext(digits);

            assertThat(new String(digits, StandardCharsets.US_ASCII))
                    .isEqualTo(new SequenceNumber(shard, offset + 1).toString());
        }
    }

    @Test
    void growsAlongAShardAndFromParentsToChildren() {
        BigInteger before = new SequenceNumber(new ShardId(3), Long.MAX_VALUE - 1).toBigInteger();
        BigInteger child = new SequenceNumber(new ShardId(4), 0).toBigInteger();
        BigInteger next = new SequenceNumber(new ShardId(4), 1).toBigInteger();
        assertThat(child).isGreaterThan(before);
        assertThat(next).isGreaterThan(child);
    }

    @Test
    void aShardBeginsWithOneThatNoRecordHas() {
        SequenceNumber start = new SequenceNumber(new ShardId(4), -1);
        BigInteger parents = new SequenceNumber(new ShardId(3), Long.MAX_VALUE - 1).toBigInteger();

        assertThat(SequenceNumber.parse(start.toString())).isEqualTo(start);
        assertThat(start.toBigInteger()).isGreaterThan(parents);
        assertThat(new SequenceNumber(new ShardId(4), 0).toBigInteger())
                .isGreaterThan(start.toBigInteger());
        assertThatThrownBy(() -> new SequenceNumber(new ShardId(4), -2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void looksInsideAsAmazonsDo() {
        // What KCL's validator reads: 186 bits, version 2 in the lowest four, the shard's number
        // above them.
        BigInteger number = new SequenceNumber(new ShardId(42), 1_000).toBigInteger();
        assertThat(number.bitLength()).isEqualTo(186);
        assertThat(number.and(BigInteger.valueOf(15))).isEqualTo(BigInteger.TWO);
        assertThat(number.shiftRight(4).and(BigInteger.valueOf(0xFFFFFFFFL)))
                .isEqualTo(BigInteger.valueOf(42));
    }

    @Test
    void refusesNumbersOfOthers() {
        for (String text :
                new String[] {
                    "",
                    "0",
                    "-1",
                    "abc",
                    "49590338271490256608559692538361571095921575989136588898",
                    "9".repeat(129)
                }) {
            assertThatThrownBy(() -> SequenceNumber.parse(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
