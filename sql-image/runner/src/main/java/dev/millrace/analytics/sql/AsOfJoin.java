/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import io.trino.sql.tree.AliasedRelation;
import io.trino.sql.tree.ComparisonExpression;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Join;
import io.trino.sql.tree.JoinOn;
import io.trino.sql.tree.LogicalExpression;
import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A join with the version of a row that held at a time: {@code orders o JOIN rates FOR TIMESTAMP AS
 * OF o.at AS r ON r.currency = o.currency}. The rows of such a stream are versions; each holds from
 * its rowtime until the next one of its key.
 *
 * @param versions the stream of versions
 * @param rows the stream whose rows' times count
 * @param keys the columns of a version's key
 * @param time says the time in the text
 */
record AsOfJoin(StreamRef versions, StreamRef rows, List<String> keys, Expression time) {

    AsOfJoin {
        keys = List.copyOf(keys);
    }

    /** From when a version holds, until when, and what divides those of the same time. */
    String until() {
        return "\"$until" + versions.number() + "\"";
    }

    String number() {
        return "\"$number" + versions.number() + "\"";
    }

    /**
     * The columns of a table that an ON compares for equality.
     *
     * @param table the table, or the relation that gives it an alias
     * @param name the table's own name
     */
    static List<String> keys(Join join, Node table, String name) {
        Optional<Expression> condition =
                join.getCriteria()
                        .filter(JoinOn.class::isInstance)
                        .map(on -> ((JoinOn) on).getExpression());
        List<String> keys = new ArrayList<>();
        String alias =
                table instanceof AliasedRelation aliased ? aliased.getAlias().getValue() : name;
        for (Expression part : conjuncts(condition)) {
            if (part instanceof ComparisonExpression comparison
                    && comparison.getOperator() == ComparisonExpression.Operator.EQUAL) {
                column(comparison.getLeft(), alias)
                        .or(() -> column(comparison.getRight(), alias))
                        .ifPresent(keys::add);
            }
        }
        return keys;
    }

    private static List<Expression> conjuncts(Optional<Expression> condition) {
        if (condition.isEmpty()) {
            return List.of();
        }
        return condition.get() instanceof LogicalExpression logical
                        && logical.getOperator() == LogicalExpression.Operator.AND
                ? logical.getTerms()
                : List.of(condition.get());
    }

    private static Optional<String> column(Expression expression, String alias) {
        return expression instanceof DereferenceExpression dereference
                        && dereference.getBase() instanceof Identifier base
                        && base.getValue().equalsIgnoreCase(alias)
                ? dereference.getField().map(Identifier::getValue)
                : Optional.empty();
    }
}
