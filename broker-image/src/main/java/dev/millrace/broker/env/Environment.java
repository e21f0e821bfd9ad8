/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.env;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The variables that a container is started with, read by name and with errors that name them. */
public record Environment(Map<String, String> variables) {

    public Environment {
        variables = Map.copyOf(variables);
    }

    /** The variables of this process. */
    public static Environment ofProcess() {
        return new Environment(System.getenv());
    }

    /** A variable that may be absent; an empty one counts as absent. */
    public Optional<String> optional(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    /**
     * @throws IllegalArgumentException if the variable is absent
     */
    public String required(String name) {
        return optional(name).orElseThrow(() -> new IllegalArgumentException(name + " is not set"));
    }

    public String orElse(String name, String otherwise) {
        return optional(name).orElse(otherwise);
    }

    /**
     * @throws IllegalArgumentException if the variable is no whole number of at least the minimum
     */
    public int integer(String name, int minimum, int otherwise) {
        Optional<String> text = optional(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            int value = Integer.parseInt(text.get().strip());
            if (value >= minimum) {
                return value;
            }
        } catch (NumberFormatException _) {
            // Falls through to the message below.
        }
        throw new IllegalArgumentException(
                "%s must be a whole number of at least %d, not '%s'"
                        .formatted(name, minimum, text.get()));
    }

    /**
     * @throws IllegalArgumentException if the variable is absent
     */
    public Path path(String name) {
        return Path.of(required(name));
    }
}
