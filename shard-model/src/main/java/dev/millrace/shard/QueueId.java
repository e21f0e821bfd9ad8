/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * One life of a queue: its ARN ends with it, and a queue that is deleted and made again gets
 * another.
 */
public record QueueId(@JsonValue String value) implements Comparable<QueueId> {

    private static final Pattern FORM = Pattern.compile("[a-z0-9]{26}");
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final int LENGTH = 26;

    /**
     * @throws IllegalArgumentException if the form is not that of a queue's id
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public QueueId {
        if (!isOne(value)) {
            throw new IllegalArgumentException("Not the id of a queue: '" + value + "'");
        }
    }

    /** Whether a text is of the form of an id. */
    public static boolean isOne(String text) {
        return FORM.matcher(text).matches();
    }

    /** A new id. */
    public static QueueId random(RandomGenerator random) {
        StringBuilder id = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return new QueueId(id.toString());
    }

    @Override
    public int compareTo(QueueId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
