/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a delivery stream is, as the shard map keeps it: {@code spec} as in the DeliveryStream
 * resource, {@code aws} as the API's caller gave it (not where the resource was there first),
 * {@code version}, {@code updatedAt} and {@code tags}. The operator writes and reads the same.
 *
 * @param text as it is kept
 */
record Definition(ObjectNode json, String text) {

    static final JsonMapper JSON = new JsonMapper();

    private static final String DIRECT_PUT = "DirectPut";

    /** What one of the API's callers gave: the destination by kind and configuration. */
    record Aws(String kind, ObjectNode config, Optional<ObjectNode> source) {}

    static Definition parse(String text) {
        try {
            return new Definition((ObjectNode) JSON.readTree(text), text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A delivery stream's definition is no JSON", e);
        }
    }

    static Definition of(
            ObjectNode spec, Aws aws, long version, Instant updatedAt, Map<String, String> tags) {
        ObjectNode json = JSON.createObjectNode();
        json.set("spec", spec);
        ObjectNode given = json.putObject("aws");
        given.put("kind", aws.kind());
        given.set("config", aws.config());
        aws.source().ifPresent(source -> given.set("source", source));
        json.put("version", Long.toString(version));
        json.put("updatedAt", updatedAt.toString());
        ObjectNode node = json.putObject("tags");
        new TreeMap<>(tags).forEach(node::put);
        return new Definition(json, json.toString());
    }

    Definition withTags(Map<String, String> tags) {
        ObjectNode copy = json.deepCopy();
        ObjectNode node = copy.putObject("tags");
        new TreeMap<>(tags).forEach(node::put);
        return new Definition(copy, copy.toString());
    }

    /** Whether clients may put into it. */
    boolean isDirectPut() {
        return sourceType().equals(DIRECT_PUT);
    }

    /** The type in the API's words. */
    String apiType() {
        return isDirectPut() ? DIRECT_PUT : "KinesisStreamAsSource";
    }

    private String sourceType() {
        return spec().path("source").path("type").asText(DIRECT_PUT);
    }

    ObjectNode spec() {
        return json.path("spec").isObject()
                ? (ObjectNode) json.path("spec")
                : JSON.createObjectNode();
    }

    Optional<Aws> aws() {
        JsonNode given = json.path("aws");
        if (!given.path("config").isObject()) {
            return Optional.empty();
        }
        return Optional.of(
                new Aws(
                        given.path("kind").asText(),
                        (ObjectNode) given.path("config"),
                        given.path("source").isObject()
                                ? Optional.of((ObjectNode) given.path("source"))
                                : Optional.empty()));
    }

    long version() {
        return json.path("version").asLong(1);
    }

    Optional<Instant> updatedAt() {
        return json.path("updatedAt").isTextual()
                ? Optional.of(Instant.parse(json.path("updatedAt").asText()))
                : Optional.empty();
    }

    Map<String, String> tags() {
        Map<String, String> tags = new TreeMap<>();
        json.path("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        return tags;
    }
}
