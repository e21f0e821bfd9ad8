/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.workload.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A place in the configuration of a pod, which knows its path for messages.
 *
 * @param path from the root, like {@code destination.s3.bucket}; empty at the root
 */
public record Field(String path, JsonNode node) {

    /** What is there by a name; null counts as missing. */
    public Field get(String name) {
        JsonNode child = node.path(name);
        return new Field(
                path.isEmpty() ? name : path + "." + name,
                child.isNull() ? MissingNode.getInstance() : child);
    }

    public boolean isPresent() {
        return !node.isMissingNode();
    }

    public Optional<String> text() {
        return isPresent() ? Optional.of(node.asText()) : Optional.empty();
    }

    /**
     * @throws IllegalArgumentException if it is missing or empty
     */
    public String required() {
        return text().filter(text -> !text.isEmpty())
                .orElseThrow(() -> new IllegalArgumentException(path + ": is missing"));
    }

    public boolean flag(boolean otherwise) {
        return isPresent() ? node.asBoolean() : otherwise;
    }

    /**
     * @throws IllegalArgumentException if it is no number between the two, both included
     */
    public long number(long otherwise, long minimum, long maximum) {
        if (!isPresent()) {
            return otherwise;
        }
        if (!node.canConvertToLong() || node.asLong() < minimum || node.asLong() > maximum) {
            throw new IllegalArgumentException(
                    "%s: must be a number from %d to %d, not %s"
                            .formatted(path, minimum, maximum, node));
        }
        return node.asLong();
    }

    /** The text as something else; what that says of a wrong text gets the path in front. */
    public <T> Optional<T> map(Function<String, T> parser) {
        return text().map(text -> {
            try {
                return parser.apply(text);
            } catch (RuntimeException e) {
                throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
            }
        });
    }

    public List<Field> items() {
        List<Field> items = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            items.add(new Field(path + "[" + i + "]", node.get(i)));
        }
        return items;
    }
}
