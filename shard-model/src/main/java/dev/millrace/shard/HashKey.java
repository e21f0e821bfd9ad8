/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A place in Kinesis's hash key space: an unsigned 128-bit integer, the MD5 of a partition key or
 * an explicit decimal value.
 *
 * @param high the upper 64 bits, unsigned
 * @param low the lower 64 bits, unsigned
 * @see <a
 *     href="https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html">PutRecord</a>
 */
public record HashKey(long high, long low) implements Comparable<HashKey> {

    public static final HashKey MIN = new HashKey(0, 0);
    public static final HashKey MAX = new HashKey(-1, -1);

    private static final BigInteger SPACE = BigInteger.ONE.shiftLeft(128);

    /** One digest a thread: a put costs no provider look-up. */
    private static final ThreadLocal<MessageDigest> MD5 = ThreadLocal.withInitial(HashKey::newMd5);

    /** The hash key of a partition key: MD5 of its UTF-8 bytes. */
    public static HashKey ofPartitionKey(String partitionKey) {
        byte[] digest = MD5.get().digest(partitionKey.getBytes(StandardCharsets.UTF_8));
        return new HashKey(longAt(digest, 0), longAt(digest, 8));
    }

    /**
     * A hash key from its decimal form.
     *
     * @throws IllegalArgumentException if it is not a decimal number in 0 .. 2^128-1
     */
    public static HashKey parse(String decimal) {
        if (decimal.isEmpty()
                || decimal.length() > 39
                || !decimal.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("Not a hash key: '" + decimal + "'");
        }
        return of(new BigInteger(decimal));
    }

    /**
     * A hash key from its value.
     *
     * @throws IllegalArgumentException if it lies outside of 0 .. 2^128-1
     */
    public static HashKey of(BigInteger value) {
        if (value.signum() < 0 || value.compareTo(SPACE) >= 0) {
            throw new IllegalArgumentException("A hash key lies in 0 .. 2^128-1, not " + value);
        }
        return new HashKey(value.shiftRight(64).longValue(), value.longValue());
    }

    public BigInteger toBigInteger() {
        return unsigned(high).shiftLeft(64).or(unsigned(low));
    }

    /**
     * The key after this one.
     *
     * @throws IllegalStateException at the end of the space
     */
    public HashKey next() {
        if (equals(MAX)) {
            throw new IllegalStateException("There is no hash key after " + this);
        }
        return low == -1 ? new HashKey(high + 1, 0) : new HashKey(high, low + 1);
    }

    /**
     * The key before this one.
     *
     * @throws IllegalStateException at the start of the space
     */
    public HashKey previous() {
        if (equals(MIN)) {
            throw new IllegalStateException("There is no hash key before " + this);
        }
        return low == 0 ? new HashKey(high - 1, -1) : new HashKey(high, low - 1);
    }

    @Override
    public int compareTo(HashKey other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** The decimal form that the API speaks. */
    @Override
    public String toString() {
        return toBigInteger().toString();
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }

    private static long longAt(byte[] bytes, int offset) {
        long value = 0;
        for (int i = offset; i < offset + 8; i++) {
            value = value << 8 | bytes[i] & 0xFF;
        }
        return value;
    }

    private static MessageDigest newMd5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has MD5", e);
        }
    }
}
