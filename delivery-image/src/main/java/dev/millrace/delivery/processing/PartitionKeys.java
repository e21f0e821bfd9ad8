/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Dynamic partitioning: the partition keys of a record by a jq query such as {@code {customer:
 * .customer.id, hour: (.time | strftime("%H"))}}. Where all of them are plain paths the record is
 * read once, without a tree and without jq.
 */
final class PartitionKeys implements Stage.Each {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final String FIELD = "[A-Za-z_][A-Za-z0-9_]*";
    private static final Pattern PLAIN =
            Pattern.compile("\\s*\"?(%1$s)\"?\\s*:\\s*((?:\\.%1$s)+)\\s*(,|})".formatted(FIELD));

    /** A field on the way to partition keys: what ends here, and what is below. */
    private static final class Node {
        private final List<String> keys = new ArrayList<>(1);
        private final Map<String, Node> below = new HashMap<>();

        Node child(String field) {
            return below.computeIfAbsent(field, _ -> new Node());
        }
    }

    private final Jq jq;
    private final Optional<Node> paths;
    private final int count;

    /**
     * @throws IllegalArgumentException if the query cannot work
     */
    PartitionKeys(String query) {
        this.jq = Jq.compile(query);
        Map<String, List<String>> plain = plainPaths(query);
        this.count = plain.size();
        this.paths = plain.isEmpty() ? Optional.empty() : Optional.of(tree(plain));
    }

    /** Whether records are read without jq. */
    boolean isFast() {
        return paths.isPresent();
    }

    @Override
    public List<Item> apply(Item.Live item) {
        try {
            Map<String, String> keys = new TreeMap<>(item.partitionKeys());
            keys.putAll(paths.isPresent() ? walk(item.data(), paths.get()) : ask(item.data()));
            return List.of(new Item.Live(item.source(), item.data(), keys));
        } catch (IOException e) {
            return List.of(
                    item.failed(
                            Processors.FAILED,
                            "DynamicPartitioning.MetadataExtractionFailed",
                            Processors.message(e)));
        }
    }

    private Map<String, String> ask(byte[] data) throws IOException {
        List<JsonNode> results = jq.all(JSON.readTree(data));
        if (results.size() != 1 || !results.getFirst().isObject()) {
            throw new IOException("The query gives no object of partition keys");
        }
        Map<String, String> keys = new HashMap<>();
        for (Map.Entry<String, JsonNode> key : results.getFirst().properties()) {
            JsonNode value = key.getValue();
            if (!value.isValueNode() || value.isNull() || value.asText().isEmpty()) {
                throw new IOException("Partition key '%s' has no value".formatted(key.getKey()));
            }
            keys.put(key.getKey(), value.asText());
        }
        return keys;
    }

    private Map<String, String> walk(byte[] data, Node root) throws IOException {
        Map<String, String> keys = new HashMap<>();
        try (JsonParser parser = FACTORY.createParser(data)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("The record is no JSON object");
            }
            walk(parser, root, keys);
        }
        if (keys.size() < count) {
            throw new IOException("A partition key has no value");
        }
        return keys;
    }

    /** The parser stands at the start of an object, and in the end at the end of it. */
    private static void walk(JsonParser parser, Node node, Map<String, String> keys)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            Node child = node.below.get(parser.currentName());
            JsonToken token = parser.nextToken();
            if (child == null) {
                parser.skipChildren();
                continue;
            }
            if (token.isScalarValue()) {
                String value = parser.getText();
                for (String key : child.keys) {
                    if (token == JsonToken.VALUE_NULL || value.isEmpty()) {
                        keys.remove(key);
                    } else {
                        keys.put(key, value);
                    }
                }
            } else if (token == JsonToken.START_OBJECT && !child.below.isEmpty()) {
                walk(parser, child, keys);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static Node tree(Map<String, List<String>> paths) {
        Node root = new Node();
        paths.forEach((key, path) -> {
            Node node = root;
            for (String field : path) {
                node = node.child(field);
            }
            node.keys.add(key);
        });
        return root;
    }

    /** The paths of a query that has nothing else; none for any other. */
    private static Map<String, List<String>> plainPaths(String query) {
        String text = query.strip();
        Map<String, List<String>> paths = new TreeMap<>();
        if (!text.startsWith("{")) {
            return paths;
        }
        Matcher matcher = PLAIN.matcher(text).region(1, text.length());
        while (matcher.lookingAt()) {
            paths.put(matcher.group(1), List.of(matcher.group(2).substring(1).split("\\.")));
            if (matcher.group(3).equals("}")) {
                return matcher.end() == text.length() ? paths : Map.of();
            }
            matcher.region(matcher.end(), text.length());
        }
        return Map.of();
    }
}
