/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Arrays;

/** A record that cannot be delivered, as Firehose writes it into error objects. */
final class ErrorLine {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ErrorLine() {}

    /** A line of JSON with its end. */
    static byte[] of(Item.Failed failed, Instant now) {
        ObjectNode line = JSON.createObjectNode();
        line.put("attemptsMade", failed.attempts());
        line.put("arrivalTimestamp", failed.source().arrival().toEpochMilli());
        line.put("errorCode", failed.code());
        line.put("errorMessage", failed.message());
        line.put("attemptEndingTimestamp", now.toEpochMilli());
        line.put("rawData", failed.data());
        line.put("sequenceNumber", failed.source().sequenceNumber().toString());
        try {
            byte[] bytes = JSON.writeValueAsBytes(line);
            byte[] ended = Arrays.copyOf(bytes, bytes.length + 1);
            ended[bytes.length] = '\n';
            return ended;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write an error line", e);
        }
    }
}
