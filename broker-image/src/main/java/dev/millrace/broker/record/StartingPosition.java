/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where in a shard a reader wants to begin, as a request says it.
 *
 * @param number the sequence number that two of the types need
 * @param time the time that AT_TIMESTAMP needs
 */
public record StartingPosition(Type type, Optional<String> number, Optional<Instant> time) {

    /** The types of the API. */
    public enum Type {
        AFTER_SEQUENCE_NUMBER,
        LATEST,
        AT_TIMESTAMP,
        AT_SEQUENCE_NUMBER,
        TRIM_HORIZON;

        boolean needsNumber() {
            return this == AT_SEQUENCE_NUMBER || this == AFTER_SEQUENCE_NUMBER;
        }
    }

    /**
     * What the fields are called: GetShardIterator and SubscribeToShard differ.
     *
     * @param prefix what stands before a field's name in validation messages
     */
    public record Fields(String prefix, String type, String number, String time) {

        static final Fields OF_ITERATOR =
                new Fields("", "ShardIteratorType", "StartingSequenceNumber", "Timestamp");
        public static final Fields OF_SUBSCRIPTION =
                new Fields("startingPosition.", "Type", "SequenceNumber", "Timestamp");

        private String shown(String field) {
            return prefix + Character.toLowerCase(field.charAt(0)) + field.substring(1);
        }
    }

    private static final Pattern SEQUENCE_NUMBER = Pattern.compile("0|([1-9]\\d{0,128})");

    /** Adds what is wrong with the form of it. */
    public static void check(Input input, Fields fields, Violations violations) {
        Optional<String> type = input.string(fields.type());
        violations
                .required(fields.shown(fields.type()), type)
                .oneOf(fields.shown(fields.type()), type, Type.values())
                .pattern(
                        fields.shown(fields.number()),
                        input.string(fields.number()),
                        SEQUENCE_NUMBER);
    }

    /**
     * The position, once the violations are checked.
     *
     * @throws AwsException if the type and what else is given do not fit together
     */
    public static StartingPosition of(Input input, Fields fields) {
        StartingPosition position =
                new StartingPosition(
                        Type.valueOf(input.string(fields.type()).orElseThrow()),
                        input.string(fields.number()),
                        input.timestamp(fields.time()));
        position.checkCombination();
        return position;
    }

    private void checkCombination() {
        if (type.needsNumber() != number.isPresent()) {
            throw AwsException.invalidArgument(
                    ("Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and"
                                    + " StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no"
                                    + " StartingSequenceNumber. Request specified %s and %s"
                                    + " StartingSequenceNumber.")
                            .formatted(type, number.isPresent() ? "also a" : "no"));
        }
        if (type == Type.AT_TIMESTAMP && time.isEmpty()) {
            throw AwsException.invalidArgument(
                    "Must specify timestamp parameter for iterator of type AT_TIMESTAMP.");
        }
    }
}
