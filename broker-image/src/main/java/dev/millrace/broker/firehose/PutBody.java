/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Violations;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The body of a put, read with no tree.
 *
 * @param records the data of each; empty where a record has none
 * @param hasRecords whether the field is there at all
 */
record PutBody(
        Optional<String> deliveryStream, List<Optional<byte[]>> records, boolean hasRecords) {

    static final int RECORD_BYTES_MAX = 1_000 * 1_024;

    /** More are not kept: the request is refused anyway. */
    private static final int KEPT_MAX = 501;

    static PutBody read(Call call) throws IOException {
        Optional<String> name = Optional.empty();
        List<Optional<byte[]>> records = new ArrayList<>();
        boolean hasRecords = false;
        try (JsonParser parser = call.parser()) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw AwsException.serialization("");
            }
            for (String field = parser.nextFieldName();
                    field != null;
                    field = parser.nextFieldName()) {
                JsonToken token = parser.nextToken();
                switch (field) {
                    case "DeliveryStreamName" -> {
                        if (token == JsonToken.VALUE_STRING) {
                            name = Optional.of(parser.getText());
                        } else if (token != JsonToken.VALUE_NULL) {
                            throw AwsException.serialization(
                                    "DeliveryStreamName can not be converted to an String");
                        }
                    }
                    case "Record" -> {
                        hasRecords |= token != JsonToken.VALUE_NULL;
                        records.clear();
                        records.add(record(parser, token));
                    }
                    case "Records" -> {
                        hasRecords |= token != JsonToken.VALUE_NULL;
                        records.clear();
                        list(parser, token, records);
                    }
                    default -> parser.skipChildren();
                }
            }
        } catch (JsonProcessingException _) {
            throw AwsException.serialization("");
        }
        return new PutBody(name, records, hasRecords);
    }

    private static void list(JsonParser parser, JsonToken token, List<Optional<byte[]>> records)
            throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        if (token != JsonToken.START_ARRAY) {
            throw AwsException.serialization("Expected list or null");
        }
        for (JsonToken item = parser.nextToken();
                item != JsonToken.END_ARRAY;
                item = parser.nextToken()) {
            if (item == null) {
                throw AwsException.serialization("");
            }
            if (records.size() >= KEPT_MAX) {
                parser.skipChildren();
            } else {
                records.add(record(parser, item));
            }
        }
    }

    private static Optional<byte[]> record(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return Optional.empty();
        }
        if (token != JsonToken.START_OBJECT) {
            throw AwsException.serialization("Start of structure or map found where not expected.");
        }
        Optional<byte[]> data = Optional.empty();
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (field.equals("Data") && value != JsonToken.VALUE_NULL) {
                if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_EMBEDDED_OBJECT) {
                    throw AwsException.serialization("Data can not be converted to a Blob");
                }
                data = Optional.of(parser.getBinaryValue());
            } else {
                parser.skipChildren();
            }
        }
        return data;
    }

    /** Adds what is wrong with a record. */
    static void check(Optional<byte[]> data, String path, Violations violations) {
        violations.required(path, data);
        data.filter(bytes -> bytes.length > RECORD_BYTES_MAX)
                .ifPresent(bytes ->
                        violations.add(
                                "'java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]'"
                                        .formatted(bytes.length, bytes.length),
                                path,
                                "Member must have length less than or equal to "
                                        + RECORD_BYTES_MAX));
    }
}
