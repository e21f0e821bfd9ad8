/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * The hash keys that a shard takes.
 *
 * @param start the first key, inclusive
 * @param end the last key, inclusive
 */
public record HashKeyRange(HashKey start, HashKey end) {

    public static final HashKeyRange ALL = new HashKeyRange(HashKey.MIN, HashKey.MAX);

    private static final BigInteger SPACE = BigInteger.ONE.shiftLeft(128);

    /**
     * @throws IllegalArgumentException if the end lies before the start
     */
    public HashKeyRange {
        if (start.compareTo(end) > 0) {
            throw new IllegalArgumentException(
                    "A range cannot end before it starts: " + start + ".." + end);
        }
    }

    /**
     * The whole space in equal parts, in order; the last one takes the remainder.
     *
     * @param parts how many, at least 1
     */
    public static List<HashKeyRange> uniform(int parts) {
        if (parts < 1) {
            throw new IllegalArgumentException("A stream has at least 1 shard, not " + parts);
        }
        BigInteger width = SPACE.divide(BigInteger.valueOf(parts));
        List<HashKeyRange> ranges = new ArrayList<>(parts);
        for (int i = 0; i < parts; i++) {
            HashKey start = HashKey.of(width.multiply(BigInteger.valueOf(i)));
            HashKey end =
                    i == parts - 1
                            ? HashKey.MAX
                            : HashKey.of(width.multiply(BigInteger.valueOf(i + 1L))).previous();
            ranges.add(new HashKeyRange(start, end));
        }
        return List.copyOf(ranges);
    }

    public boolean contains(HashKey key) {
        return start.compareTo(key) <= 0 && key.compareTo(end) <= 0;
    }

    /** Whether one of the two starts right behind the other. */
    public boolean isAdjacentTo(HashKeyRange other) {
        return precedes(other) || other.precedes(this);
    }

    /**
     * The ranges [start, key-1] and [key, end].
     *
     * @throws IllegalArgumentException unless start &lt; key &lt;= end
     */
    public Halves splitAt(HashKey key) {
        if (key.compareTo(start) <= 0 || key.compareTo(end) > 0) {
            throw new IllegalArgumentException("Cannot split " + this + " at " + key);
        }
        return new Halves(new HashKeyRange(start, key.previous()), new HashKeyRange(key, end));
    }

    /**
     * The range that covers this one and an adjacent one.
     *
     * @throws IllegalArgumentException if they are not adjacent
     */
    public HashKeyRange mergedWith(HashKeyRange other) {
        if (precedes(other)) {
            return new HashKeyRange(start, other.end);
        }
        if (other.precedes(this)) {
            return new HashKeyRange(other.start, end);
        }
        throw new IllegalArgumentException("Not adjacent: " + this + " and " + other);
    }

    @Override
    public String toString() {
        return "[" + start + ", " + end + "]";
    }

    private boolean precedes(HashKeyRange other) {
        return !end.equals(HashKey.MAX) && end.next().equals(other.start);
    }

    /** What a split gives: the lower and the upper part. */
    public record Halves(HashKeyRange lower, HashKeyRange upper) {}
}
