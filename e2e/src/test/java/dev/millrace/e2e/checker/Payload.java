/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e.checker;

import java.util.Optional;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.Record;

/** The data of a record: its key, its number, and so many dots that it has the size wanted. */
final class Payload {

    private static final char SEPARATOR = ':';

    private Payload() {}

    static SdkBytes of(Journal.Sent sent, int bytes) {
        String head = sent.key() + SEPARATOR + sent.number() + SEPARATOR;
        return SdkBytes.fromUtf8String(head + ".".repeat(Math.max(0, bytes - head.length())));
    }

    /** Which record it is; none if key and data do not fit each other, to the last byte. */
    static Optional<Journal.Sent> parse(Record record) {
        String[] parts = record.data().asUtf8String().split(":", -1);
        if (parts.length != 3
                || !parts[0].equals(record.partitionKey())
                || !parts[1].matches("[0-9]{1,9}")
                || !parts[2].matches("\\.*")) {
            return Optional.empty();
        }
        return Optional.of(new Journal.Sent(parts[0], Integer.parseInt(parts[1])));
    }
}
