/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import dev.millrace.table.HiddenColumn;
import dev.millrace.table.ScanRanges;
import io.trino.sql.ExpressionFormatter;
import io.trino.sql.tree.AliasedRelation;
import io.trino.sql.tree.AllColumns;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.MeasureDefinition;
import io.trino.sql.tree.PatternRecognitionRelation;
import io.trino.sql.tree.PatternVariable;
import io.trino.sql.tree.QuerySpecification;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.SelectItem;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.VariableDefinition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Writes a query anew for each run: its streams become exact ranges, its windows become subqueries
 * with the columns {@code window_start} and {@code window_end}. Words are replaced where they
 * stand, so that all else stays as the user wrote it.
 */
final class Rewriter {

    private final Source source;
    private final Tokens tokens;
    private final Analysis analysis;
    private final String mentionedColumns;

    /** A part of the text that is replaced: the words from the first to before the last. */
    private record Cut(int firstWord, int endWord, Text by) {}

    private interface Text {
        void writeTo(Source.Builder text, Run run);
    }

    /** One run. */
    private record Run(Map<String, ScanRanges> ranges, Span span) {}

    /** What may follow a join's condition. */
    private static final Set<String> AFTER_ON =
            Set.of(
                    "JOIN",
                    "INNER",
                    "LEFT",
                    "RIGHT",
                    "FULL",
                    "CROSS",
                    "NATURAL",
                    "WHERE",
                    "GROUP",
                    "HAVING",
                    "WINDOW",
                    "UNION",
                    "INTERSECT",
                    "EXCEPT",
                    "ORDER",
                    "OFFSET",
                    "LIMIT",
                    "FETCH");

    private final List<Cut> cuts = new ArrayList<>();

    Rewriter(Source source, Analysis analysis) {
        this.source = source;
        this.tokens = Tokens.of(source.text());
        this.analysis = analysis;
        this.mentionedColumns = mentionedColumns();
        for (WindowCall window : analysis.windows().values()) {
            cuts.add(cut(window));
        }
        for (StreamRef ref : analysis.timedStreams()) {
            cuts.add(cut(ref));
        }
        for (AsOfJoin join : analysis.asOfJoins()) {
            cuts.addAll(cuts(join));
        }
        for (QuerySpecification specification :
                Nodes.all(analysis.root(), QuerySpecification.class)) {
            if (!mentionedColumns.isEmpty()) {
                cuts.addAll(stars(specification));
            }
            if (analysis.timing() instanceof Timing.Lookback) {
                carryRowtimes(specification).ifPresent(cuts::add);
            }
        }
        if (analysis.timing() instanceof Timing.Lookback) {
            analysis.patterns().forEach(pattern -> cuts.addAll(cuts(pattern)));
        }
        cuts.sort(Comparator.comparingInt(Cut::firstWord));
    }

    Source query(Map<String, ScanRanges> ranges, Span span) {
        Run run = new Run(ranges, span);
        Source.Builder whole = new Source.Builder(tokens);
        if (analysis.timing() instanceof Timing.Lookback) {
            whole.insert("SELECT * FROM (");
            write(whole, 0, tokens.words().size(), run);
            whole.insert(") WHERE " + within(lastRowtime(), span));
        } else {
            write(whole, 0, tokens.words().size(), run);
        }
        return whole.build().behind(source);
    }

    String openSessions(Map<String, ScanRanges> ranges, Span span) {
        Run run = new Run(ranges, new Span(span.from(), Long.MAX_VALUE));
        List<String> each = new ArrayList<>();
        for (WindowCall window : analysis.windows().values()) {
            Source.Builder text = new Source.Builder(tokens);
            sessions(window, text, run, "window_end > " + Span.timestamp(span.to()));
            each.add("SELECT min(window_start) AS s FROM " + text.build().text());
        }
        return "SELECT min(s) FROM (" + String.join(" UNION ALL ", each) + ")";
    }

    private void write(Source.Builder text, int firstWord, int endWord, Run run) {
        List<Tokens.Word> words = tokens.words();
        int at = words.get(firstWord).start();
        int next = firstWord;
        for (Cut cut : cuts) {
            if (cut.firstWord() < next || cut.endWord() > endWord) {
                continue; // Inside of one that was replaced, or outside of what is written.
            }
            int cutStart =
                    cut.firstWord() < words.size()
                            ? words.get(cut.firstWord()).start()
                            : tokens.text().length();
            text.copy(at, cutStart);
            cut.by().writeTo(text, run);
            at = cut.endWord() > cut.firstWord() ? words.get(cut.endWord() - 1).end() : cutStart;
            next = Math.max(cut.endWord(), cut.firstWord());
        }
        text.copy(at, words.get(endWord - 1).end());
    }

    // --- streams

    private Cut cut(StreamRef ref) {
        int first = tokens.at(nameStart(ref.node()));
        int parts = ref.node().getName().getOriginalParts().size();
        return new Cut(
                first,
                first + 2 * parts - 1,
                (text, run) -> {
                    text.insert(rows(ref, run));
                    if (!ref.isAliased() && !isWindowData(ref.node())) {
                        text.insert(" AS " + quoted(ref.table().name()));
                    }
                });
    }

    /** For {@code TABLE(x)} a table's own location is the keyword. */
    private static io.trino.sql.tree.NodeLocation nameStart(Table table) {
        return table.getName().getOriginalParts().getFirst().getLocation().orElseThrow();
    }

    private boolean isWindowData(Table table) {
        return analysis.windows().values().stream().anyMatch(window -> window.data() == table);
    }

    /** The rows of a stream that a run reads. */
    private String rows(StreamRef ref, Run run) {
        return rows(ref, run, "");
    }

    /**
     * @param more columns to be read, too
     */
    private String rows(StreamRef ref, Run run, String more) {
        String name = "millrace.default." + quoted(ref.table().name());
        String version =
                " FOR VERSION AS OF '"
                        + run.ranges().getOrDefault(ref.table().name(), new ScanRanges(List.of()))
                        + "'";
        String columns =
                "*, "
                        + HiddenColumn.ROWTIME.columnName()
                        + " AS "
                        + ref.rowtimeColumn()
                        + mentionedColumns
                        + more;
        if (analysis.timing() instanceof Timing.Stateless) {
            return "(SELECT *" + mentionedColumns + " FROM " + name + version + ")";
        }
        long from =
                run.span().from() == Span.BEGINNING
                        ? Span.BEGINNING
                        : analysis.timing().rowsFrom(run.span().from());
        Span read =
                analysis.timing() instanceof Timing.Sessions
                        ? new Span(Span.BEGINNING, run.span().to())
                        : new Span(from, run.span().to());
        return "(SELECT "
                + columns
                + " FROM "
                + name
                + version
                + " WHERE "
                + within(HiddenColumn.ROWTIME.columnName(), read)
                + ")";
    }

    // --- versions

    /**
     * The versions get the time until which they hold, and the condition says that the row's time
     * lies there, and that the version is not older than what is read for every row.
     */
    private List<Cut> cuts(AsOfJoin join) {
        StreamRef versions = join.versions();
        int first = tokens.at(nameStart(versions.node()));
        int end = tokens.at(join.time().getLocation().orElseThrow()) + 1;
        while (end < tokens.words().size() && tokens.words().get(end).text().equals(".")) {
            end += 2;
        }
        int on = end;
        while (!tokens.words().get(on).is("ON")) {
            on++;
        }
        String time = join.rows().rowtimeColumn();
        String from = versions.rowtimeColumn();
        String holds =
                " (%1$s >= %2$s AND (%3$s IS NULL OR %1$s < %3$s) AND %1$s - %2$s <= %4$s) AND ("
                        .formatted(
                                time,
                                from,
                                join.until(),
                                Span.interval(((Timing.Lookback) analysis.timing()).millis()));
        int conditionEnd = conditionEnd(on + 1);
        int condition = on + 1;
        return List.of(
                new Cut(
                        first,
                        end,
                        (text, run) -> {
                            text.insert(versions(join, run));
                            if (!versions.isAliased()) {
                                text.insert(" AS " + quoted(versions.table().name()));
                            }
                        }),
                new Cut(condition, condition, (text, _) -> text.insert(holds)),
                new Cut(conditionEnd, conditionEnd, (text, _) -> text.insert(") ")));
    }

    private String versions(AsOfJoin join, Run run) {
        StreamRef ref = join.versions();
        String keys = join.keys().stream().map(Rewriter::quoted).collect(Collectors.joining(", "));
        return "(SELECT *, lead(%1$s) OVER (PARTITION BY %2$s ORDER BY %1$s, %3$s) AS %4$s FROM %5$s)"
                .formatted(
                        ref.rowtimeColumn(),
                        keys,
                        join.number(),
                        join.until(),
                        rows(
                                ref,
                                run,
                                ", "
                                        + HiddenColumn.SEQUENCE_NUMBER.columnName()
                                        + " AS "
                                        + join.number()));
    }

    /** Where the condition of an ON ends that begins at a word. */
    private int conditionEnd(int word) {
        int depth = 0;
        for (int i = word; i < tokens.words().size(); i++) {
            String text = tokens.words().get(i).text();
            if (text.equals("(")) {
                depth++;
            } else if (text.equals(")")) {
                depth--;
            }
            if (depth < 0
                    || depth == 0
                            && (text.equals(",")
                                    || AFTER_ON.contains(text.toUpperCase(Locale.ROOT)))) {
                return i;
            }
        }
        return tokens.words().size();
    }

    /** {@code *} has no hidden columns, though the query names some of them elsewhere. */
    private List<Cut> stars(QuerySpecification specification) {
        Relation from = specification.getFrom().orElse(null);
        Relation table = from instanceof AliasedRelation aliased ? aliased.getRelation() : from;
        if (!(table instanceof Table)
                || from instanceof AliasedRelation named && named.getColumnNames() != null) {
            return List.of();
        }
        Optional<StreamRef> ref = analysis.stream((Table) table);
        if (ref.isEmpty() || ref.get().table().columns().isEmpty()) {
            return List.of();
        }
        String columns =
                ref.get().table().columns().stream()
                        .map(column -> quoted(column.name()))
                        .collect(Collectors.joining(", "));
        String carried =
                analysis.timing() instanceof Timing.Stateless
                        ? ""
                        : ", " + ref.get().rowtimeColumn();
        List<Cut> cuts = new ArrayList<>();
        for (SelectItem item : specification.getSelect().getSelectItems()) {
            if (item instanceof AllColumns all && all.getAliases().isEmpty()) {
                int first = tokens.at(all.getLocation().orElseThrow());
                int end = first + 1;
                while (!tokens.words().get(end - 1).text().equals("*")) {
                    end++;
                }
                cuts.add(new Cut(first, end, (text, _) -> text.insert(columns + carried)));
            }
        }
        return cuts;
    }

    private static String within(String column, Span span) {
        return (span.from() == Span.BEGINNING
                        ? ""
                        : column + " >= " + Span.timestamp(span.from()) + " AND ")
                + column
                + " < "
                + Span.timestamp(span.to());
    }

    /** Hidden columns that the query names: a subquery would lose the others. */
    private String mentionedColumns() {
        TreeSet<String> mentioned = new TreeSet<>();
        for (Tokens.Word word : tokens.words()) {
            String name = word.text().replace("\"", "").toLowerCase(Locale.ROOT);
            HiddenColumn.named(name).ifPresent(column -> mentioned.add(column.columnName()));
        }
        return mentioned.stream().map(name -> ", " + name).collect(Collectors.joining());
    }

    // --- windows

    private Cut cut(WindowCall window) {
        int first = tokens.at(window.node().getLocation().orElseThrow());
        while (!tokens.words().get(first).is("TABLE")) {
            first--; // Its location may be the function's name.
        }
        return new Cut(
                first,
                tokens.closing(first + 1) + 1,
                (text, run) -> {
                    switch (window.kind()) {
                        case TUMBLE -> tumble(window, text, run);
                        case HOP -> hop(window, text, run);
                        case CUMULATE -> cumulate(window, text, run);
                        case SESSION ->
                                sessions(window, text, run, ending("window_end", run.span()));
                    }
                });
    }

    private void tumble(WindowCall window, Source.Builder text, Run run) {
        String start = "tumble_start(" + time(window) + ", " + Span.interval(window.size()) + ")";
        text.insert(
                "(SELECT \"$d\".*, "
                        + start
                        + " AS window_start, "
                        + start
                        + " + "
                        + Span.interval(window.size())
                        + " AS window_end FROM ");
        data(window, text, run);
        text.insert(" AS \"$d\")");
    }

    private void hop(WindowCall window, Source.Builder text, Run run) {
        String size = Span.interval(window.size());
        text.insert(
                "(SELECT \"$d\".*, \"$w\".s AS window_start, \"$w\".s + "
                        + size
                        + " AS window_end FROM ");
        data(window, text, run);
        text.insert(
                " AS \"$d\" CROSS JOIN UNNEST(hop_starts("
                        + time(window)
                        + ", "
                        + Span.interval(window.step())
                        + ", "
                        + size
                        + ")) AS \"$w\"(s) WHERE "
                        + ending("\"$w\".s + " + size, run.span())
                        + ")");
    }

    private void cumulate(WindowCall window, Source.Builder text, Run run) {
        text.insert(
                "(SELECT \"$d\".*, tumble_start("
                        + time(window)
                        + ", "
                        + Span.interval(window.size())
                        + ") AS window_start, \"$w\".e AS window_end FROM ");
        data(window, text, run);
        text.insert(
                " AS \"$d\" CROSS JOIN UNNEST(cumulate_ends("
                        + time(window)
                        + ", "
                        + Span.interval(window.step())
                        + ", "
                        + Span.interval(window.size())
                        + ")) AS \"$w\"(e) WHERE "
                        + ending("\"$w\".e", run.span())
                        + ")");
    }

    /** A row begins a session if there is none within the gap before it; sessions are counted. */
    private void sessions(WindowCall window, Source.Builder text, Run run, String condition) {
        String keys =
                window.keys().stream()
                        .map(ExpressionFormatter::formatExpression)
                        .collect(Collectors.joining(", "));
        String partition = keys.isEmpty() ? "" : "PARTITION BY " + keys + " ";
        String partitionBySession =
                "PARTITION BY " + (keys.isEmpty() ? "" : keys + ", ") + "\"$session\"";
        String time = time(window);
        String gap = Span.interval(window.size());
        text.insert(
                "(SELECT * FROM (SELECT *, min("
                        + time
                        + ") OVER ("
                        + partitionBySession
                        + ") AS window_start, max("
                        + time
                        + ") OVER ("
                        + partitionBySession
                        + ") + "
                        + gap
                        + " AS window_end FROM (SELECT *, sum(\"$begins\") OVER ("
                        + partition
                        + "ORDER BY "
                        + time
                        + ") AS \"$session\" FROM (SELECT *, CASE WHEN "
                        + time
                        + " - lag("
                        + time
                        + ") OVER ("
                        + partition
                        + "ORDER BY "
                        + time
                        + ") < "
                        + gap
                        + " THEN 0 ELSE 1 END AS \"$begins\" FROM ");
        data(window, text, run);
        text.insert("))) WHERE " + condition + ")");
    }

    private static String ending(String end, Span span) {
        return (span.from() == Span.BEGINNING
                        ? ""
                        : end + " > " + Span.timestamp(span.from()) + " AND ")
                + end
                + " <= "
                + Span.timestamp(span.to());
    }

    /** What a window's rows are, as a relation. */
    private void data(WindowCall window, Source.Builder text, Run run) {
        Relation data = window.data();
        if (data instanceof Table table) {
            Optional<StreamRef> ref = analysis.stream(table);
            if (ref.isPresent()) {
                text.insert(rows(ref.get(), run));
            } else {
                text.insert("(SELECT * FROM " + table.getName() + ")");
            }
            return;
        }
        int open = open(data);
        text.insert("(");
        write(text, open + 1, tokens.closing(open), run);
        text.insert(")");
    }

    /** The parenthesis around a subquery that is a table function's argument. */
    private int open(Relation data) {
        int at = tokens.at(data.getLocation().orElseThrow());
        while (!tokens.words().get(at).text().equals("(")) {
            at += tokens.words().get(at).is("TABLE") ? 1 : -1;
        }
        return at;
    }

    /** A window's time as a timestamp(3). */
    private String time(WindowCall window) {
        if (window.data() instanceof Table table) {
            Optional<StreamRef> ref = analysis.stream(table);
            if (ref.isPresent() && Analysis.isRowtime(ref.get().table(), window.timeColumn())) {
                return ref.get().rowtimeColumn();
            }
        }
        return "CAST(" + quoted(window.timeColumn()) + " AS timestamp(3))";
    }

    // --- rows in the order of time

    /**
     * Hands the rowtimes of a SELECT's streams on to whoever reads it, where {@code *} does not.
     */
    private Optional<Cut> carryRowtimes(QuerySpecification specification) {
        if (specification.getFrom().isEmpty()) {
            return Optional.empty();
        }
        Relation from = specification.getFrom().get();
        List<StreamRef> below = streamsIn(from);
        Set<StreamRef> handedOn =
                specification.getSelect().getSelectItems().stream()
                        .filter(AllColumns.class::isInstance)
                        .flatMap(item -> streamsOf((AllColumns) item, from).stream())
                        .collect(Collectors.toSet());
        List<StreamRef> missing = below.stream().filter(ref -> !handedOn.contains(ref)).toList();
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        SelectItem last = specification.getSelect().getSelectItems().getLast();
        int end = fromWord(tokens.at(last.getLocation().orElseThrow()));
        String columns =
                missing.stream()
                        .map(ref -> ", " + analysis.carriedTime(ref))
                        .collect(Collectors.joining());
        return Optional.of(new Cut(end, end, (text, run) -> text.insert(columns + " ")));
    }

    private List<StreamRef> streamsIn(Relation relation) {
        return Nodes.all(relation, Table.class).stream()
                .flatMap(table -> analysis.stream(table).stream())
                .toList();
    }

    /** The streams whose columns a {@code *} or an {@code o.*} has. */
    private List<StreamRef> streamsOf(AllColumns columns, Relation from) {
        if (columns.getTarget().isEmpty()) {
            return streamsIn(from);
        }
        if (!(columns.getTarget().get() instanceof Identifier target)) {
            return List.of();
        }
        String name = target.getCanonicalValue();
        for (AliasedRelation aliased : Nodes.all(from, AliasedRelation.class)) {
            if (aliased.getAlias().getCanonicalValue().equals(name)) {
                return streamsIn(aliased);
            }
        }
        return streamsIn(from).stream()
                .filter(ref -> ref.node().getName().getSuffix().equalsIgnoreCase(name))
                .toList();
    }

    /** The FROM of a SELECT whose last item begins at a word. */
    private int fromWord(int word) {
        int depth = 0;
        for (int i = word; i < tokens.words().size(); i++) {
            String text = tokens.words().get(i).text();
            if (text.equals("(")) {
                depth++;
            } else if (text.equals(")")) {
                depth--;
            } else if (depth == 0 && text.equalsIgnoreCase("FROM")) {
                return i;
            }
        }
        throw new IllegalStateException("A SELECT of a stream without FROM");
    }

    // --- patterns

    /**
     * A measure says when a match is final. Each variable's condition says, too, that the row lies
     * within the time from the first one on.
     */
    private List<Cut> cuts(RowPatterns.Pattern pattern) {
        PatternRecognitionRelation node = pattern.node();
        String rowtime = pattern.stream().rowtimeColumn();
        String within = Span.interval(pattern.within());
        String near = rowtime + " <= FIRST(" + rowtime + ") + " + within;
        int open = tokens.at(node.getPattern().getLocation().orElseThrow());
        int define =
                tokens.at(
                        node.getVariableDefinitions()
                                .getFirst()
                                .getName()
                                .getLocation()
                                .orElseThrow());
        while (!tokens.words().get(open).is("PATTERN")) {
            open--;
        }
        List<Cut> cuts = new ArrayList<>();
        cuts.add(timeMeasure(pattern, open));
        List<VariableDefinition> definitions = node.getVariableDefinitions();
        int end = closingFrom(define);
        for (int i = 0; i < definitions.size(); i++) {
            int name = tokens.at(definitions.get(i).getName().getLocation().orElseThrow());
            int next =
                    i + 1 < definitions.size()
                            ? tokens.at(
                                            definitions
                                                    .get(i + 1)
                                                    .getName()
                                                    .getLocation()
                                                    .orElseThrow())
                                    - 1
                            : end;
            cuts.add(new Cut(name + 2, name + 2, (text, _) -> text.insert("(")));
            cuts.add(new Cut(next, next, (text, _) -> text.insert(") AND " + near)));
        }
        Set<String> defined =
                definitions.stream()
                        .map(definition -> definition.getName().getCanonicalValue())
                        .collect(Collectors.toSet());
        String others =
                Nodes.all(node.getPattern(), PatternVariable.class).stream()
                        .map(PatternVariable::getName)
                        .filter(name -> !defined.contains(name.getCanonicalValue()))
                        .map(name -> ", " + name + " AS " + near)
                        .distinct()
                        .collect(Collectors.joining());
        cuts.add(new Cut(end, end, (text, _) -> text.insert(others)));
        return cuts;
    }

    private Cut timeMeasure(RowPatterns.Pattern pattern, int patternWord) {
        String rowtime = pattern.stream().rowtimeColumn();
        String time =
                pattern.isPrompt()
                        ? "FINAL LAST(" + rowtime + ")"
                        : "FIRST(" + rowtime + ") + " + Span.interval(pattern.within());
        String measure = time + " AS " + pattern.timeMeasure();
        List<MeasureDefinition> measures = pattern.node().getMeasures();
        if (!measures.isEmpty()) {
            int first = tokens.at(measures.getFirst().getLocation().orElseThrow());
            while (!tokens.words().get(first - 1).is("MEASURES")) {
                first--;
            }
            int at = first;
            return new Cut(at, at, (text, _) -> text.insert(measure + ", "));
        }
        int at = patternWord;
        for (int i = patternWord; i > 1 && !isLastOfOrder(i); i--) {
            if (isClause(i)) {
                at = i;
            }
        }
        int place = at;
        return new Cut(place, place, (text, _) -> text.insert("MEASURES " + measure + " "));
    }

    /** The clauses that stand between ORDER BY and PATTERN. */
    private boolean isClause(int word) {
        List<Tokens.Word> words = tokens.words();
        return words.get(word).is("ONE") && words.get(word + 1).is("ROW")
                || words.get(word).is("ALL") && words.get(word + 1).is("ROWS")
                || words.get(word).is("AFTER") && words.get(word + 1).is("MATCH")
                || words.get(word).is("INITIAL")
                || words.get(word).is("SEEK");
    }

    private boolean isLastOfOrder(int word) {
        return tokens.words().get(word).is("BY") && tokens.words().get(word - 1).is("ORDER");
    }

    /** The parenthesis that closes the one that a word stands in. */
    private int closingFrom(int word) {
        int depth = 0;
        for (int i = word; i < tokens.words().size(); i++) {
            String text = tokens.words().get(i).text();
            if (text.equals("(")) {
                depth++;
            } else if (text.equals(")") && --depth < 0) {
                return i;
            }
        }
        throw new IllegalStateException("MATCH_RECOGNIZE is not closed");
    }

    private String lastRowtime() {
        List<String> columns = analysis.timedStreams().stream().map(analysis::carriedTime).toList();
        return columns.size() == 1
                ? columns.getFirst()
                : "greatest(" + String.join(", ", columns) + ")";
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
