/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.crds.delivery.DeliveryStreamSpec;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What of a spec the Firehose API shows and changes. The gateway keeps it beside what else it
 * knows; see {@code Definition} there.
 *
 * @param parts of spec by name, and the tags, in one order whoever wrote them
 */
record DeliveryDefinition(ObjectNode parts) {

    /** What the API can change. */
    static final String[] CHANGING = {"destination", "processing", "backup", "retry", "tags"};

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    static DeliveryDefinition of(DeliveryStreamSpec spec) {
        ObjectNode parts = JSON.createObjectNode();
        parts.set("source", JSON.valueToTree(spec.source()));
        set(parts, "destination", spec.destination());
        set(parts, "processing", spec.processing());
        set(parts, "backup", spec.backup());
        set(parts, "retry", spec.retry());
        if (!spec.tags().isEmpty()) {
            parts.set("tags", JSON.valueToTree(new TreeMap<>(spec.tags())));
        }
        return new DeliveryDefinition(parts);
    }

    /** What the gateway has, read as a spec so that both are written in the same words. */
    static DeliveryDefinition kept(String text) {
        return of(spec(text));
    }

    /** The spec of a resource that stands for what the gateway has. */
    static DeliveryStreamSpec spec(String text) {
        try {
            JsonNode kept = JSON.readTree(text);
            ObjectNode spec = kept.path("spec").deepCopy();
            if (kept.path("tags").isObject() && !kept.path("tags").isEmpty()) {
                spec.set("tags", kept.path("tags"));
            }
            return JSON.treeToValue(spec, DeliveryStreamSpec.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "The gateway's definition is not understood: " + e.getOriginalMessage(), e);
        }
    }

    /** For the gateway, in the place of what it has. */
    String keep(Optional<String> before, Instant now) {
        ObjectNode kept = JSON.createObjectNode();
        ObjectNode spec = parts.deepCopy();
        spec.remove("tags");
        kept.set("spec", spec);
        long version = before.map(DeliveryDefinition::version).orElse(0L) + 1;
        kept.put("version", Long.toString(version));
        kept.put("updatedAt", now.toString());
        kept.set("tags", parts.has("tags") ? parts.get("tags") : JSON.createObjectNode());
        return kept.toString();
    }

    private static long version(String text) {
        try {
            return JSON.readTree(text).path("version").asLong(0);
        } catch (JsonProcessingException e) {
            return 0;
        }
    }

    String hash() {
        try {
            // By way of a plain map, which is sorted.
            return DeliveryConfiguration.sha256(
                    JSON.writeValueAsString(JSON.treeToValue(parts, Map.class)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can be written", e);
        }
    }

    /** A JSON patch that makes a resource of the given spec say this. */
    String patch(DeliveryDefinition of, long generation) {
        var patch = JSON.createArrayNode();
        // Somebody who edits at the same moment wins.
        patch.addObject()
                .put("op", "test")
                .put("path", "/metadata/generation")
                .put("value", generation);
        for (String part : CHANGING) {
            @Nullable JsonNode wanted = parts.get(part);
            if (wanted != null && !wanted.equals(of.parts.get(part))) {
                patch.addObject()
                        .put("op", "add")
                        .put("path", "/spec/" + part)
                        .set("value", wanted);
            } else if (wanted == null && of.parts.has(part)) {
                patch.addObject().put("op", "remove").put("path", "/spec/" + part);
            }
        }
        return patch.toString();
    }

    private static void set(ObjectNode parts, String name, @Nullable Object value) {
        if (value != null) {
            parts.set(name, JSON.valueToTree(value));
        }
    }
}
