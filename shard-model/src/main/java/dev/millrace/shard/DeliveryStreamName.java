/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import java.util.Optional;
import java.util.regex.Pattern;

/** The name of a delivery stream as Firehose allows it: 1 to 64 of {@code a-zA-Z0-9_.-}. */
public record DeliveryStreamName(String value) implements Comparable<DeliveryStreamName> {

    public static final String PATTERN = StreamName.PATTERN;
    public static final int LENGTH_MAX = 64;

    private static final Pattern COMPILED = Pattern.compile(PATTERN);
    private static final String BUFFER_PREFIX = "firehose.";

    /**
     * @throws IllegalArgumentException if Firehose would not allow the name
     */
    public DeliveryStreamName {
        if (value.length() > LENGTH_MAX || !COMPILED.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "Not a delivery stream's name: '%s' (1 to 64 of a-z A-Z 0-9 _ . -)"
                            .formatted(value));
        }
    }

    /** The stream of the pool that holds what is put directly, until it is delivered. */
    public StreamName buffer() {
        return new StreamName(BUFFER_PREFIX + value);
    }

    /** The delivery stream that a stream would be the buffer of, by its name. */
    public static Optional<DeliveryStreamName> ofBuffer(StreamName stream) {
        String name = stream.value();
        return name.startsWith(BUFFER_PREFIX)
                        && name.length() > BUFFER_PREFIX.length()
                        && name.length() <= BUFFER_PREFIX.length() + LENGTH_MAX
                ? Optional.of(new DeliveryStreamName(name.substring(BUFFER_PREFIX.length())))
                : Optional.empty();
    }

    @Override
    public int compareTo(DeliveryStreamName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
