/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A record that cannot be delivered, as Firehose writes it into error objects.
 *
 * @param raw what could not be delivered; not to be changed
 * @param more fields that only this type of error has, in their order
 */
public record ErrorLine(
        String errorType,
        int attempts,
        Instant arrival,
        String code,
        String message,
        Instant ended,
        byte[] raw,
        Map<String, String> more) {

    /** Where records go that are no rows of the table that is declared. */
    public static final String FORMAT_CONVERSION = "format-conversion-failed";

    private static final ObjectMapper JSON = new ObjectMapper();

    public ErrorLine {
        more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
    }

    /** A line of JSON with its end. */
    public byte[] bytes() {
        // Firehose has other names for the same here.
        boolean last = errorType.equals(FORMAT_CONVERSION);
        ObjectNode line = JSON.createObjectNode();
        line.put("attemptsMade", attempts);
        line.put("arrivalTimestamp", arrival.toEpochMilli());
        line.put(last ? "lastErrorCode" : "errorCode", code);
        line.put(last ? "lastErrorMessage" : "errorMessage", message);
        line.put("attemptEndingTimestamp", ended.toEpochMilli());
        line.put("rawData", raw);
        more.forEach(line::put);
        try {
            byte[] bytes = JSON.writeValueAsBytes(line);
            byte[] whole = Arrays.copyOf(bytes, bytes.length + 1);
            whole[bytes.length] = '\n';
            return whole;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write an error line", e);
        }
    }
}
