/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A shard of a stream. Shards are numbered in the order in which they are made and a number is
 * never used again, so that a child's number is larger than its parents'.
 *
 * @param index 0 .. 2^32-1
 */
public record ShardId(@JsonValue long index) implements Comparable<ShardId> {

    public static final long INDEX_MAX = (1L << 32) - 1;

    private static final byte[] PREFIX_AND_ZEROS =
            "shardId-000000000000".getBytes(StandardCharsets.ISO_8859_1);

    private static final Pattern FORM = Pattern.compile("shardId-([0-9]{12})");

    /**
     * @throws IllegalArgumentException if the index is out of its bounds
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ShardId {
        if (index < 0 || index > INDEX_MAX) {
            throw new IllegalArgumentException(
                    "A shard's number lies in 0 .. 2^32-1, not " + index);
        }
    }

    /**
     * A shard id from its form in the API, {@code shardId-000000000007}.
     *
     * @throws IllegalArgumentException if it has another form
     */
    public static ShardId parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not a shard id: '" + text + "'");
        }
        return new ShardId(Long.parseLong(matcher.group(1)));
    }

    @Override
    public int compareTo(ShardId other) {
        return Long.compare(index, other.index);
    }

    /** The form that the API speaks. */
    @Override
    public String toString() {
        return new String(toAscii(), StandardCharsets.ISO_8859_1);
    }

    /** The text form as bytes. */
    public byte[] toAscii() {
        byte[] text = PREFIX_AND_ZEROS.clone();
        long rest = index;
        for (int at = text.length - 1; rest > 0; rest /= 10) {
            text[at--] = (byte) ('0' + rest % 10);
        }
        return text;
    }
}
