/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import dev.millrace.table.ScanRanges;
import dev.millrace.table.TableDescription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One INSERT of an application: a query that is run again and again, each time on a part. */
public final class ContinuousQuery {

    /** The column that says whether a row comes or goes. */
    public static final String CHANGE = "op";

    private final List<String> output;
    private final List<String> columns;
    private final Timing timing;
    private final Set<String> inputs;
    private final Rewriter rewriter;

    private ContinuousQuery(
            List<String> output,
            List<String> columns,
            Timing timing,
            Set<String> inputs,
            Rewriter rewriter) {
        this.output = List.copyOf(output);
        this.columns = List.copyOf(columns);
        this.timing = timing;
        this.inputs = Set.copyOf(inputs);
        this.rewriter = rewriter;
    }

    /**
     * @param text the application's SQL
     * @param inputs the streams' tables by their names
     * @param outputs the outputs' names, in lower case
     * @param history how far back OVER and joins look where the SQL does not say it; none if unset
     * @throws SqlException if the text is wrong, or has what cannot be run continuously
     */
    public static List<ContinuousQuery> parse(
            String text,
            Map<String, TableDescription> inputs,
            Set<String> outputs,
            Optional<Duration> history)
            throws SqlException {
        Source source = KinesisDialect.translate(Tokens.of(text), inputs, outputs);
        List<ContinuousQuery> queries = new ArrayList<>();
        for (Statements.Insertion insertion : Statements.read(source)) {
            Analysis analysis = Analysis.of(insertion.query(), inputs, history);
            queries.add(
                    new ContinuousQuery(
                            insertion.output(),
                            insertion.columns(),
                            analysis.timing(),
                            analysis.inputs(),
                            new Rewriter(insertion.query(), analysis)));
        }
        return queries;
    }

    /** The name of what it writes to, in parts, as it is written. */
    public List<String> output() {
        return output;
    }

    /** What its columns are called in the output; as the query calls them if none. */
    public List<String> columns() {
        return columns;
    }

    public Timing timing() {
        return timing;
    }

    /** The names of the tables of streams that it reads. */
    public Set<String> inputs() {
        return inputs;
    }

    /** The query for a part of the inputs, as Trino takes it. */
    public String sql(Map<String, ScanRanges> ranges, Span span) {
        return rewriter.query(ranges, span).text();
    }

    /**
     * What changes in the results of a span when more records are there: in front of its columns
     * one says {@code -D} for a row that is no result any more, and {@code +I} for one that is.
     *
     * @param before the records of the results so far; none if there are no results yet
     */
    public String changesSql(
            Map<String, ScanRanges> before, Map<String, ScanRanges> now, Span span) {
        String after = sql(now, span);
        if (before.isEmpty()) {
            return "SELECT '+I' AS %s, * FROM (\n%s\n)".formatted(CHANGE, after);
        }
        return "SELECT '-D' AS %1$s, * FROM ((\n%2$s\n) EXCEPT ALL (\n%3$s\n)) UNION ALL SELECT '+I', * FROM ((\n%3$s\n) EXCEPT ALL (\n%2$s\n)) ORDER BY 1 DESC"
                .formatted(CHANGE, sql(before, span), after);
    }

    /** Of a query with sessions: gives the start of the oldest session that is open at the end. */
    public String openSessionsSql(Map<String, ScanRanges> ranges, Span span) {
        return rewriter.openSessions(ranges, span);
    }

    /**
     * What Trino says of {@link #sql}, as of the application's text.
     *
     * @param line where in the query, from 1 on
     * @param column from 1 on
     */
    public SqlException refused(
            Map<String, ScanRanges> ranges, Span span, int line, int column, String problem) {
        Source source = rewriter.query(ranges, span);
        return source.refuse(
                Optional.of(new io.trino.sql.tree.NodeLocation(line, Math.max(1, column))),
                problem);
    }
}
