/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Looks through a parsed query by its nodes' children: Trino's own visitor leaves out the arguments
 * of table functions and the input of MATCH_RECOGNIZE.
 */
final class Nodes {

    private Nodes() {}

    /** All nodes of a type at or below a node, a parent before its children. */
    static <T extends Node> List<T> all(Node root, Class<T> type) {
        List<T> found = new ArrayList<>();
        collect(root, type, _ -> true, found);
        return found;
    }

    /** The same without what lies below nodes that are not to be entered. */
    static <T extends Node> List<T> all(Node root, Class<T> type, Predicate<Node> enters) {
        List<T> found = new ArrayList<>();
        collect(root, type, enters, found);
        return found;
    }

    private static <T extends Node> void collect(
            Node node, Class<T> type, Predicate<Node> enters, List<T> found) {
        if (type.isInstance(node)) {
            found.add(type.cast(node));
        }
        if (enters.test(node)) {
            for (Node child : node.getChildren()) {
                collect(child, type, enters, found);
            }
        }
    }

    /** The last part of a name, in lower case. */
    static String functionName(FunctionCall call) {
        return call.getName().getSuffix().toLowerCase(Locale.ROOT);
    }

    /** The column's name if the expression is one, with or without its table. */
    static Optional<String> columnName(Expression expression) {
        return switch (expression) {
            case Identifier identifier ->
                    Optional.of(identifier.getValue().toLowerCase(Locale.ROOT));
            case DereferenceExpression dereference ->
                    dereference.getField().map(field -> field.getValue().toLowerCase(Locale.ROOT));
            default -> Optional.empty();
        };
    }
}
