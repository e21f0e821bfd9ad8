/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.MeasureDefinition;
import io.trino.sql.tree.OneOrMoreQuantifier;
import io.trino.sql.tree.PatternConcatenation;
import io.trino.sql.tree.PatternPermutation;
import io.trino.sql.tree.PatternQuantifier;
import io.trino.sql.tree.PatternRecognitionRelation;
import io.trino.sql.tree.PatternRecognitionRelation.RowsPerMatch;
import io.trino.sql.tree.PatternVariable;
import io.trino.sql.tree.QuantifiedPattern;
import io.trino.sql.tree.RangeQuantifier;
import io.trino.sql.tree.RowPattern;
import io.trino.sql.tree.SkipTo;
import io.trino.sql.tree.SortItem;
import io.trino.sql.tree.VariableDefinition;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Reads MATCH_RECOGNIZE over the rows of a stream (SQL:2016, row pattern recognition). Its rows lie
 * within the history of the application, and each row may begin a match: so whether rows match
 * depends on nothing that was before them, and the result is that of one query over all rows.
 */
final class RowPatterns {

    private static final String IN_WINDOWS =
            ", or look for the pattern in windows: FROM TABLE(SESSION(TABLE(orders) PARTITION BY customer,"
                    + " DESCRIPTOR(at), INTERVAL '10' MINUTE)) MATCH_RECOGNIZE (PARTITION BY"
                    + " window_start, customer ...)";

    private final Source source;

    RowPatterns(Source source) {
        this.source = source;
    }

    /**
     * How a pattern over a stream is run.
     *
     * @param stream whose rows it looks at
     * @param within how far apart the rows of a match lie at most, milliseconds
     * @param isPrompt whether a match is final as soon as its last row is; else it is when no row
     *     of the time within can come any more
     */
    record Pattern(
            PatternRecognitionRelation node, StreamRef stream, long within, boolean isPrompt) {

        /** The measure that carries the time at which a match is final. */
        String timeMeasure() {
            return "\"$matched" + stream.number() + "\"";
        }
    }

    /**
     * @throws SqlException if its matches would depend on all that was before
     */
    Pattern overStream(
            PatternRecognitionRelation node,
            StreamRef stream,
            long withinMillis,
            Predicate<Expression> isRowtime)
            throws SqlException {
        boolean ordered =
                node.getOrderBy()
                        .map(order -> order.getSortItems().getFirst())
                        .filter(first -> first.getOrdering() == SortItem.Ordering.ASCENDING)
                        .filter(first -> isRowtime.test(first.getSortKey()))
                        .isPresent();
        if (!ordered) {
            throw refuse(
                    node,
                    "MATCH_RECOGNIZE over a stream is ordered by the input's rowtime, for example"
                            + " PARTITION BY customer ORDER BY at");
        }
        if (node.getAfterMatchSkipTo().map(SkipTo::getPosition).orElse(SkipTo.Position.PAST_LAST)
                != SkipTo.Position.NEXT) {
            throw refuse(
                    node,
                    "Over a stream each row may begin a match: write AFTER MATCH SKIP TO NEXT ROW"
                            + IN_WINDOWS);
        }
        if (node.getRowsPerMatch().orElse(RowsPerMatch.ONE) == RowsPerMatch.ALL_WITH_UNMATCHED) {
            throw refuse(
                    node,
                    "WITH UNMATCHED ROWS over a stream is not run continuously: write ONE ROW PER MATCH"
                            + " or ALL ROWS PER MATCH"
                            + IN_WINDOWS);
        }
        if (leastRows(node.getPattern()) == 0) {
            throw refuse(
                    node.getPattern(),
                    "This pattern matches no row at all, too, and so everywhere: it needs a variable that"
                            + " is not optional");
        }
        refuseRowsBesideMatches(node);
        return new Pattern(node, stream, withinMillis, isPrompt(node.getPattern()));
    }

    /** In windows all of SQL holds, as long as the windows are looked at one by one. */
    void inWindows(PatternRecognitionRelation node, Predicate<Expression> isWindowName)
            throws SqlException {
        if (node.getPartitionBy().stream().noneMatch(isWindowName)) {
            throw refuse(
                    node,
                    "MATCH_RECOGNIZE of windows is PARTITION BY window_start (and more), so that its rows"
                            + " are final together");
        }
    }

    private static long least(PatternQuantifier quantifier) {
        return switch (quantifier) {
            case RangeQuantifier range ->
                    range.getAtLeast().map(number -> number.getParsedValue()).orElse(0L);
            case OneOrMoreQuantifier _ -> 1;
            default -> 0;
        };
    }

    /**
     * Whether no row to come can lead to another match of the same first row: variables behind each
     * other, and at most one that is repeated as often as needed and no more ({@code B*?}), so that
     * what is tried first is shorter.
     */
    private static boolean isPrompt(RowPattern pattern) {
        int open = 0;
        for (RowPattern part : parts(pattern)) {
            switch (part) {
                case PatternVariable _ -> {}
                case QuantifiedPattern quantified
                        when quantified.getPattern() instanceof PatternVariable -> {
                    PatternQuantifier quantifier = quantified.getPatternQuantifier();
                    boolean fixed =
                            quantifier instanceof RangeQuantifier range
                                    && range.getAtMost().isPresent()
                                    && range.getAtMost().get().getParsedValue()
                                            == least(quantifier);
                    if (!fixed && quantifier.isGreedy()) {
                        return false;
                    }
                    open += fixed ? 0 : 1;
                }
                default -> {
                    return false;
                }
            }
        }
        return open <= 1;
    }

    /** The parts that stand behind each other: the grammar nests them in pairs. */
    private static List<RowPattern> parts(RowPattern pattern) {
        return pattern instanceof PatternConcatenation all
                ? all.getPatterns().stream().flatMap(part -> parts(part).stream()).toList()
                : List.of(pattern);
    }

    // --- rows beside a match

    /**
     * NEXT and PREV count rows, wherever they are. One that looks out of the match would need rows
     * that are still to come, or that were read long ago.
     */
    private void refuseRowsBesideMatches(PatternRecognitionRelation node) throws SqlException {
        for (MeasureDefinition measure : node.getMeasures()) {
            for (FunctionCall call : Nodes.all(measure, FunctionCall.class)) {
                if (isNamed(call, "next") || isNamed(call, "prev")) {
                    throw refuse(
                            call,
                            "A measure that looks beside its rows with PREV or NEXT is not run"
                                    + " continuously: give the row that it means a variable of its own, and"
                                    + " write FIRST or LAST of that");
                }
            }
        }
        for (VariableDefinition definition : node.getVariableDefinitions()) {
            for (FunctionCall call : Nodes.all(definition, FunctionCall.class)) {
                if (isNamed(call, "next")) {
                    throw refuse(
                            call,
                            "NEXT looks at a row that may still come: give that row a variable of its own,"
                                    + " and compare there, with PREV");
                }
                if (isNamed(call, "prev") && isBeforeMatch(node.getPattern(), definition, call)) {
                    throw refuse(
                            call,
                            "PREV looks at a row before the match here: give that row a variable in front,"
                                    + " such as PATTERN (START DOWN+) DEFINE DOWN AS price <"
                                    + " PREV(price)");
                }
            }
        }
    }

    private static boolean isBeforeMatch(
            RowPattern pattern, VariableDefinition definition, FunctionCall previous) {
        Expression of = previous.getArguments().getFirst();
        boolean elsewhere =
                Nodes.all(of, FunctionCall.class).stream()
                        .anyMatch(call -> isNamed(call, "first") || isNamed(call, "last"));
        long steps = 1;
        if (previous.getArguments().size() > 1) {
            steps =
                    previous.getArguments().get(1) instanceof LongLiteral number
                            ? number.getParsedValue()
                            : Long.MAX_VALUE;
        }
        String variable =
                Nodes.all(of, DereferenceExpression.class).stream()
                        .map(DereferenceExpression::getBase)
                        .filter(Identifier.class::isInstance)
                        .map(base -> ((Identifier) base).getCanonicalValue())
                        .findFirst()
                        .orElse(definition.getName().getCanonicalValue());
        return elsewhere || steps > rowsBefore(pattern, variable).orElse(0);
    }

    /** How many rows of a match come before the first one of a variable, at least. */
    private static OptionalLong rowsBefore(RowPattern pattern, String variable) {
        if (pattern instanceof PatternVariable one) {
            return one.getName().getCanonicalValue().equals(variable)
                    ? OptionalLong.of(0)
                    : OptionalLong.empty();
        }
        if (pattern instanceof PatternConcatenation) {
            long before = 0;
            OptionalLong least = OptionalLong.empty();
            for (RowPattern part : parts(pattern)) {
                OptionalLong inside = rowsBefore(part, variable);
                if (inside.isPresent()) {
                    long rows = before + inside.getAsLong();
                    least = OptionalLong.of(Math.min(least.orElse(rows), rows));
                }
                before += leastRows(part);
            }
            return least;
        }
        return children(pattern).stream()
                .map(child -> rowsBefore(child, variable))
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong)
                .min();
    }

    private static long leastRows(RowPattern pattern) {
        return switch (pattern) {
            case PatternVariable _ -> 1;
            case PatternConcatenation all ->
                    all.getPatterns().stream().mapToLong(RowPatterns::leastRows).sum();
            case PatternPermutation all ->
                    all.getPatterns().stream().mapToLong(RowPatterns::leastRows).sum();
            case QuantifiedPattern quantified ->
                    leastRows(quantified.getPattern()) * least(quantified.getPatternQuantifier());
            // Alternations and exclusions: of their parts; anchors and () have none.
            default -> children(pattern).stream().mapToLong(RowPatterns::leastRows).min().orElse(0);
        };
    }

    private static List<RowPattern> children(RowPattern pattern) {
        return pattern.getChildren().stream()
                .filter(RowPattern.class::isInstance)
                .map(RowPattern.class::cast)
                .toList();
    }

    private static boolean isNamed(FunctionCall call, String name) {
        return call.getName().getSuffix().equalsIgnoreCase(name);
    }

    private SqlException refuse(io.trino.sql.tree.Node node, String problem) {
        return source.refuse(node.getLocation(), problem);
    }
}
