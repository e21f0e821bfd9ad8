/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.Violations;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A structure of a request, whose members are read within bounds. The bounds are those of the
 * DeliveryStream resource: what is taken here has to become one.
 *
 * @param path where it is in the request, {@code splunkDestinationConfiguration}
 */
record Structure(JsonNode node, String path) {

    Structure get(String member) {
        return new Structure(node.path(member), path(member));
    }

    /**
     * @throws AwsException if it is missing or empty
     */
    String required(String member) {
        Optional<String> text = text(member).filter(given -> !given.isEmpty());
        new Violations().required(path(member), text).check();
        return text.orElseThrow();
    }

    /**
     * @throws AwsException if it is missing or empty, too long, or of another form
     */
    String required(String member, int max, Pattern form) {
        String text = required(member);
        new Violations()
                .length(path(member), Optional.of(text), 1, max)
                .pattern(path(member), Optional.of(text), form)
                .check();
        return text;
    }

    /** Takes a member over, if it is there. */
    void copy(String member, ObjectNode to, String name) {
        text(member).ifPresent(text -> to.put(name, text));
    }

    /** The same, if it is not too long. */
    void copy(String member, int max, ObjectNode to, String name) {
        new Violations().length(path(member), text(member), 0, max).check();
        copy(member, to, name);
    }

    /** The same, if it is of a form, which an empty one has. */
    void copy(String member, Pattern form, ObjectNode to, String name) {
        // A number is none, either, though nothing would be taken over.
        Optional<String> given = Optional.of(node.path(member).asText(""));
        new Violations().pattern(path(member), given, form).check();
        copy(member, to, name);
    }

    /** The same, if it is one of some. */
    void copyOneOf(String member, Enum<?>[] constants, ObjectNode to, String name) {
        new Violations().oneOf(path(member), text(member), constants).check();
        copy(member, to, name);
    }

    private Optional<String> text(String member) {
        return Optional.ofNullable(node.path(member).textValue());
    }

    private String path(String member) {
        return path + "." + Translation.lowerFirst(member);
    }
}
