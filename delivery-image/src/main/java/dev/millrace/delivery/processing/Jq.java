/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;

/** A jq 1.6 query, with jq's date functions. Immutable. */
final class Jq {

    private static final Scope BUILTINS = builtins();

    private final String text;
    private final JsonQuery query;

    private Jq(String text, JsonQuery query) {
        this.text = text;
        this.query = query;
    }

    /**
     * @throws IllegalArgumentException if it is no query, or asks for a function that there is not:
     *     that would else come up with the first record
     */
    static Jq compile(String text) {
        try {
            Jq jq = new Jq(text, JsonQuery.compile(text, Versions.JQ_1_6));
            jq.rejectUnknownFunctions();
            return jq;
        } catch (JsonQueryException e) {
            throw new IllegalArgumentException(
                    "'%s' is no jq query: %s".formatted(text, e.getMessage()), e);
        }
    }

    /**
     * All results.
     *
     * @throws IOException if the query fails for this value
     */
    List<JsonNode> all(JsonNode value) throws IOException {
        List<JsonNode> results = new ArrayList<>(1);
        query.apply(Scope.newChildScope(BUILTINS), value, results::add);
        return results;
    }

    private void rejectUnknownFunctions() {
        try {
            all(JsonNodeFactory.instance.nullNode());
        } catch (IOException | RuntimeException e) {
            String message = String.valueOf(e.getMessage());
            if (message.startsWith("Function ") && message.contains("does not exist")) {
                throw new IllegalArgumentException("'%s': %s".formatted(text, message), e);
            }
            // It fails for null, and need not for records.
        }
    }

    private static Scope builtins() {
        Scope scope = Scope.newEmptyScope();
        BuiltinFunctionLoader.getInstance().loadFunctions(Versions.JQ_1_6, scope);
        JqDates.addTo(scope);
        return scope;
    }
}
