/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * A record's place: the shard and the offset in the shard's partition. Its decimal form grows along
 * a shard and from parents to children, because a child's number is larger than its parents', and
 * it decodes to shard and offset with no look-up.
 *
 * <p>The form is laid out as Amazon's (186 bits, 56 digits), so that clients which look inside find
 * what they expect: KCL's validator wants 186 bits, the version 2 in the lowest four bits and the
 * shard's number in the 32 bits above it.
 *
 * <pre>
 * bits 185..184  184..144  143..80     79..36     35..4        3..0
 *      1 0       shard     offset + 1  zero       shard        version 2
 * </pre>
 *
 * <p>There is a number before the first record of a shard, as Amazon's shards begin with one that
 * no record has: a consumer that has read nothing yet can say where it is.
 *
 * @param shard the shard
 * @param offset the record's offset in the shard's partition; the place before the first one is -1
 */
public record SequenceNumber(ShardId shard, long offset) implements Comparable<SequenceNumber> {

    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,128}");
    private static final int BITS = 186;
    private static final int SHARD_SHIFT = 144;
    private static final int OFFSET_SHIFT = 80;
    private static final int LOW_SHARD_SHIFT = 4;
    private static final long VERSION = 2;
    private static final long BEFORE_FIRST = -1;

    /** All are between 2^185 and 2^186, and so have as many digits. */
    public static final int DIGITS = 56;

    private static final long WORD = 0xFFFF_FFFFL;
    private static final long BILLION = 1_000_000_000;
    private static final BigInteger TOP = BigInteger.ONE.shiftLeft(BITS - 1);

    /** What lies between the numbers of an offset and of the next, digit by digit. */
    private static final byte[] STEP = digitsOf(BigInteger.ONE.shiftLeft(OFFSET_SHIFT));

    private static final BigInteger LONG_MASK =
            BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /**
     * @throws IllegalArgumentException if the offset is less than -1
     */
    public SequenceNumber {
        if (offset < BEFORE_FIRST || offset == Long.MAX_VALUE) {
            throw new IllegalArgumentException("Not an offset: " + offset);
        }
    }

    /**
     * A sequence number from its decimal form.
     *
     * @throws IllegalArgumentException if it is none that {@link #toString} gives
     */
    public static SequenceNumber parse(String decimal) {
        if (!DECIMAL.matcher(decimal).matches()) {
            throw new IllegalArgumentException("Not a sequence number: '" + decimal + "'");
        }
        BigInteger value = new BigInteger(decimal);
        if (value.bitLength() != BITS) {
            throw new IllegalArgumentException("Not a sequence number of this service: " + decimal);
        }
        long index = value.subtract(TOP).shiftRight(SHARD_SHIFT).and(LONG_MASK).longValue();
        long offset = value.shiftRight(OFFSET_SHIFT).and(LONG_MASK).longValue() - 1;
        if (index > ShardId.INDEX_MAX || offset < BEFORE_FIRST || offset == Long.MAX_VALUE) {
            throw new IllegalArgumentException("Not a sequence number of this service: " + decimal);
        }
        SequenceNumber parsed = new SequenceNumber(new ShardId(index), offset);
        if (!parsed.toBigInteger().equals(value)) {
            throw new IllegalArgumentException("Not a sequence number of this service: " + decimal);
        }
        return parsed;
    }

    public BigInteger toBigInteger() {
        return TOP.or(BigInteger.valueOf(shard.index()).shiftLeft(SHARD_SHIFT))
                .or(BigInteger.valueOf(offset + 1).shiftLeft(OFFSET_SHIFT))
                .or(BigInteger.valueOf(shard.index()).shiftLeft(LOW_SHARD_SHIFT))
                .or(BigInteger.valueOf(VERSION));
    }

    @Override
    public int compareTo(SequenceNumber other) {
        int byShard = shard.compareTo(other.shard);
        return byShard != 0 ? byShard : Long.compare(offset, other.offset);
    }

    /** The decimal form that the API speaks. */
    @Override
    public String toString() {
        byte[] digits = new byte[DIGITS];
        write(digits);
        return new String(digits, StandardCharsets.ISO_8859_1);
    }

    /**
     * Writes the decimal form as ASCII into an array of {@link #DIGITS}. Each put answers one, so
     * this goes without a BigInteger.
     */
    public void write(byte[] digits) {
        long place = offset + 1;
        long low = shard.index() << LOW_SHARD_SHIFT | VERSION;
        long[] words = {
            1L << (BITS - 1 - 160) | shard.index() >>> 16,
            (shard.index() & 0xFFFF) << 16 | place >>> 48,
            place >>> 16 & WORD,
            (place & 0xFFFF) << 16,
            low >>> 32,
            low & WORD
        };
        int at = DIGITS;
        while (at > 0) {
            long nine = divide(words);
            for (int end = Math.max(0, at - 9); at > end; nine /= 10) {
                digits[--at] = (byte) ('0' + nine % 10);
            }
        }
    }

    /**
     * Turns the decimal form of a number into that of the next one of the shard: records that are
     * read follow one another, and an addition costs a fraction of the division.
     */
    public static void writeNext(byte[] digits) {
        int carry = 0;
        int at = DIGITS - 1;
        for (int i = STEP.length - 1; i >= 0 || carry > 0; i--, at--) {
            int sum = digits[at] + carry + (i >= 0 ? STEP[i] : 0);
            carry = sum > '9' ? 1 : 0;
            digits[at] = (byte) (sum - 10 * carry);
        }
    }

    private static byte[] digitsOf(BigInteger number) {
        byte[] digits = number.toString().getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < digits.length; i++) {
            digits[i] -= '0';
        }
        return digits;
    }

    /** Divides a number of 32-bit words, the highest first, by a billion; gives what is left. */
    private static long divide(long[] words) {
        long rest = 0;
        for (int i = 0; i < words.length; i++) {
            long dividend = rest << 32 | words[i];
            words[i] = dividend / BILLION;
            rest = dividend % BILLION;
        }
        return rest;
    }
}
