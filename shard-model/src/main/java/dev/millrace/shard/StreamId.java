/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * One life of a stream: a name that is deleted and made again gets another id. Its form is
 * Amazon's: {@code [a-z0-9]{20}-[a-z0-9]{3}}.
 */
public record StreamId(@JsonValue String value) {

    private static final Pattern FORM = Pattern.compile("[a-z0-9]{20}-[a-z0-9]{3}");
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

    /**
     * @throws IllegalArgumentException if the form is not that of a stream id
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public StreamId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("Not a stream id: '" + value + "'");
        }
    }

    /** A new id. */
    public static StreamId random(RandomGenerator random) {
        StringBuilder id = new StringBuilder(24);
        for (int i = 0; i < 23; i++) {
            if (i == 20) {
                id.append('-');
            }
            id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return new StreamId(id.toString());
    }

    @Override
    public String toString() {
        return value;
    }
}
