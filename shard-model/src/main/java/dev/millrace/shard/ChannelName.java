/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** The name of a channel as Kinesis allows it: 1 to 128 of {@code a-zA-Z0-9_.-}. */
public record ChannelName(@JsonValue String value) implements Comparable<ChannelName> {

    public static final String PATTERN = "[a-zA-Z0-9_.-]+";
    public static final int LENGTH_MAX = 128;

    private static final Pattern COMPILED = Pattern.compile(PATTERN);

    /**
     * @throws IllegalArgumentException if Kinesis would not allow the name
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ChannelName {
        if (value.length() > LENGTH_MAX || !COMPILED.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "Not a channel name: '%s' (1 to 128 of a-z A-Z 0-9 _ . -)".formatted(value));
        }
    }

    @Override
    public int compareTo(ChannelName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
