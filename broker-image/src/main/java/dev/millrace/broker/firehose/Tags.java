/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Violations;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Tags as Firehose writes them: a list of keys and values. */
final class Tags {

    private static final int MAX = 50;

    private Tags() {}

    /** The tags of a request; none where the field is missing. */
    static Map<String, String> of(ObjectNode body) {
        Map<String, String> tags = new TreeMap<>();
        for (JsonNode tag : body.path("Tags")) {
            if (!tag.path("Key").isTextual()) {
                new Violations().required("tags.member.key", Optional.empty()).check();
            }
            tags.put(tag.path("Key").asText(), tag.path("Value").asText(""));
        }
        if (!tags.isEmpty()) {
            new Violations().tags("tags", Optional.of(tags)).check();
        }
        return tags;
    }

    /**
     * @throws AwsException if there are more than a delivery stream may have
     */
    static void checkCount(Map<String, String> tags) {
        if (tags.size() > MAX) {
            throw new AwsException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "A delivery stream may have at most %d tags.".formatted(MAX));
        }
    }
}
