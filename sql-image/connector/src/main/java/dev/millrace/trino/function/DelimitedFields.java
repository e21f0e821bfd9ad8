/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import java.util.ArrayList;
import java.util.List;

/** Divides a line at its delimiters. */
final class DelimitedFields {

    private DelimitedFields() {}

    /**
     * @param escape what takes the meaning of the delimiter behind it; none if empty
     * @param quotes the character that begins a quoted text, and that which ends it if there are
     *     two; none if empty
     */
    static List<String> of(String line, String delimiter, String escape, String quotes) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        int at = 0;
        while (at < line.length()) {
            char next = line.charAt(at);
            if (!escape.isEmpty()
                    && line.startsWith(escape, at)
                    && at + escape.length() < line.length()) {
                field.append(line.charAt(at + escape.length()));
                at += escape.length() + 1;
            } else if (quoted && next == quotes.charAt(quotes.length() - 1)) {
                quoted = false;
                at++;
            } else if (!quoted && !quotes.isEmpty() && next == quotes.charAt(0)) {
                quoted = true;
                at++;
            } else if (!quoted && line.startsWith(delimiter, at)) {
                fields.add(field.toString());
                field.setLength(0);
                at += delimiter.length();
            } else {
                field.append(next);
                at++;
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
