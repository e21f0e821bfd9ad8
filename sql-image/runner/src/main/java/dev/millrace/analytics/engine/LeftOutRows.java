/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.analytics.input.LateRow;
import dev.millrace.analytics.input.MalformedRow;
import dev.millrace.shard.SequenceNumber;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

/** What rows look like that went into no result, in the outputs that take them: JSON. */
final class LeftOutRows {

    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private LeftOutRows() {}

    /** Where it comes from, when it happened, and its record. */
    static byte[] encode(LateRow row) {
        ObjectNode node = place(row.input(), row.sequenceNumber());
        node.put("rowtime", Instant.ofEpochMilli(row.rowtime()).toString());
        return withData(node, row.data());
    }

    /** Where it comes from, when it arrived, what is wrong with it, and the record. */
    static byte[] encode(MalformedRow row) {
        ObjectNode node = place(row.input(), row.sequenceNumber());
        node.put("arrivalTime", Instant.ofEpochMilli(row.arrival()).toString());
        node.put("partitionKey", row.partitionKey());
        node.put("reason", row.reason());
        return withData(node, row.data());
    }

    private static ObjectNode place(String input, SequenceNumber number) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("input", input);
        node.put("shardId", number.shard().toString());
        node.put("sequenceNumber", number.toString());
        return node;
    }

    /** Text where it is text; else base64, under another name. */
    private static byte[] withData(ObjectNode node, byte[] data) {
        try {
            node.put(
                    "data",
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString());
        } catch (CharacterCodingException _) {
            node.put("dataBase64", Base64.getEncoder().encodeToString(data));
        }
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }
}
