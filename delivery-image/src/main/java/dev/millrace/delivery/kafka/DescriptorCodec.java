/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.OffsetSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** The form of descriptors in their log: JSON, so that a person can read it with Kafka's tools. */
final class DescriptorCodec {

    private static final ObjectMapper JSON = new ObjectMapper();

    private DescriptorCodec() {}

    static byte[] key(int partition, BatchId id) {
        return (partition + "/" + id).getBytes(StandardCharsets.UTF_8);
    }

    static byte[] encode(BatchDescriptor descriptor) {
        ObjectNode json = JSON.createObjectNode();
        json.put("state", descriptor.state().name());
        json.put("name", descriptor.name());
        json.put("oldestArrival", descriptor.oldestArrival().toEpochMilli());
        ObjectNode key = json.putObject("key");
        switch (descriptor.key()) {
            case BufferKey.Data(Map<String, String> keys) -> {
                ObjectNode values = key.putObject("data");
                keys.forEach(values::put);
            }
            case BufferKey.Failed(String errorType) -> key.put("failed", errorType);
            case BufferKey.Backup _ -> key.put("backup", true);
        }
        ObjectNode members = json.putObject("members");
        descriptor
                .members()
                .forEach((lane, offsets) -> members.put(String.valueOf(lane), offsets.encode()));
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write " + descriptor, e);
        }
    }

    static BatchDescriptor decode(byte[] key, byte[] value) {
        String text = new String(key, StandardCharsets.UTF_8);
        int slash = text.indexOf('/');
        try {
            JsonNode json = JSON.readTree(value);
            Map<Integer, OffsetSet> members = new TreeMap<>();
            json.required("members")
                    .properties()
                    .forEach(lane ->
                            members.put(
                                    Integer.valueOf(lane.getKey()),
                                    OffsetSet.decode(lane.getValue().textValue())));
            return new BatchDescriptor(
                    BatchId.parse(text.substring(slash + 1)),
                    Integer.parseInt(text.substring(0, slash)),
                    bufferKey(json.required("key")),
                    members,
                    json.required("name").textValue(),
                    Instant.ofEpochMilli(json.required("oldestArrival").longValue()),
                    BatchDescriptor.State.valueOf(json.required("state").textValue()));
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException("Descriptor %s cannot be read".formatted(text), e);
        }
    }

    private static BufferKey bufferKey(JsonNode json) {
        if (json.has("failed")) {
            return new BufferKey.Failed(json.get("failed").textValue());
        }
        if (json.has("backup")) {
            return new BufferKey.Backup();
        }
        Map<String, String> keys = new TreeMap<>();
        json.required("data")
                .properties()
                .forEach(key -> keys.put(key.getKey(), key.getValue().textValue()));
        return new BufferKey.Data(keys);
    }
}
