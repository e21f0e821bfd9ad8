/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.analytics.input.LateRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** What a late row looks like in a late output. */
final class LateRows {

    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private LateRows() {}

    /** JSON: where it comes from, when it happened, and its record as a text. */
    static String encode(LateRow row) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("input", row.input());
        node.put("sequenceNumber", row.sequenceNumber().toString());
        node.put("rowtime", Instant.ofEpochMilli(row.rowtime()).toString());
        node.put("data", new String(row.data(), StandardCharsets.UTF_8));
        return node.toString();
    }
}
