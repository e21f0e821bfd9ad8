/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a value lies in a JSON document: the part of JSONPath that names one place, {@code
 * $.customer.id} or {@code $['customer id']}.
 *
 * @param fields the names of the objects' fields on the way; none for the whole document
 */
public record JsonPath(List<String> fields) {

    private static final Pattern STEP =
            Pattern.compile("\\.([A-Za-z_][A-Za-z0-9_-]*)|\\['((?:[^'\\\\]|\\\\.)+)'\\]");

    public JsonPath {
        fields = List.copyOf(fields);
    }

    /**
     * @throws IllegalArgumentException if it does not name one place by the names of fields
     */
    @JsonCreator
    public static JsonPath parse(String text) {
        if (!text.startsWith("$")) {
            throw new IllegalArgumentException("A path begins with $, not: " + text);
        }
        List<String> fields = new ArrayList<>();
        Matcher step = STEP.matcher(text);
        int at = 1;
        while (at < text.length()) {
            if (!step.find(at) || step.start() != at) {
                throw new IllegalArgumentException(
                        "Not a path of field names, such as $.customer.id or $['customer id']: "
                                + text);
            }
            fields.add(
                    step.group(1) != null
                            ? step.group(1)
                            : step.group(2).replaceAll("\\\\(.)", "$1"));
            at = step.end();
        }
        return new JsonPath(fields);
    }

    /** The field of the document's top object. */
    public static JsonPath ofField(String name) {
        return new JsonPath(List.of(name));
    }

    @JsonValue
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("$");
        for (String field : fields) {
            text.append("['").append(field.replace("\\", "\\\\").replace("'", "\\'")).append("']");
        }
        return text.toString();
    }
}
