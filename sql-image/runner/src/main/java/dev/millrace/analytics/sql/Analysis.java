/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import dev.millrace.table.HiddenColumn;
import dev.millrace.table.TableDescription;
import io.trino.sql.tree.AliasedRelation;
import io.trino.sql.tree.AllColumns;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.ExistsPredicate;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FrameBound;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.GroupBy;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.IntervalLiteral;
import io.trino.sql.tree.Join;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.PatternRecognitionRelation;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.QueryPeriod;
import io.trino.sql.tree.QuerySpecification;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.SelectItem;
import io.trino.sql.tree.SetOperation;
import io.trino.sql.tree.SingleColumn;
import io.trino.sql.tree.SortItem;
import io.trino.sql.tree.Statement;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.SubqueryExpression;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.TableFunctionInvocation;
import io.trino.sql.tree.Union;
import io.trino.sql.tree.WindowDefinition;
import io.trino.sql.tree.WindowFrame;
import io.trino.sql.tree.WindowReference;
import io.trino.sql.tree.WindowSpecification;
import io.trino.sql.tree.With;
import io.trino.sql.tree.WithQuery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What kind of continuous query a query is: where it reads streams, in which windows, and so when
 * its results are final. What has no end, such as a count of all rows for ever, is refused with
 * what to write instead.
 */
final class Analysis {

    private static final Set<String> AGGREGATES =
            Set.of(
                    "any_value",
                    "approx_distinct",
                    "approx_most_frequent",
                    "approx_percentile",
                    "approx_set",
                    "arbitrary",
                    "array_agg",
                    "avg",
                    "bitwise_and_agg",
                    "bitwise_or_agg",
                    "bitwise_xor_agg",
                    "bool_and",
                    "bool_or",
                    "checksum",
                    "corr",
                    "count",
                    "count_if",
                    "covar_pop",
                    "covar_samp",
                    "every",
                    "exp_avg",
                    "geometric_mean",
                    "histogram",
                    "kurtosis",
                    "listagg",
                    "map_agg",
                    "map_union",
                    "max",
                    "max_by",
                    "merge",
                    "min",
                    "min_by",
                    "multimap_agg",
                    "numeric_histogram",
                    "qdigest_agg",
                    "reduce_agg",
                    "regr_intercept",
                    "regr_slope",
                    "set_agg",
                    "set_union",
                    "skewness",
                    "stddev",
                    "stddev_pop",
                    "stddev_samp",
                    "sum",
                    "tdigest_agg",
                    "var_pop",
                    "var_samp",
                    "variance");

    /** Functions of OVER whose value depends on the rows behind the present one. */
    private static final Set<String> LOOK_FORWARD =
            Set.of("lead", "ntile", "percent_rank", "cume_dist");

    private final Source source;
    private final Query root;
    private final Map<String, TableDescription> inputs;
    private final Optional<Duration> history;
    private final WindowCalls calls;
    private final Map<Node, Node> parents = new IdentityHashMap<>();
    private final Map<String, Query> steps = new HashMap<>();
    private final Map<Table, StreamRef> streams = new IdentityHashMap<>();
    private final List<StreamRef> ordered = new ArrayList<>();
    private final Map<TableFunctionInvocation, WindowCall> windows = new IdentityHashMap<>();
    private final Map<QuerySpecification, Timing> buckets = new IdentityHashMap<>();
    private final Map<Table, RowPatterns.Pattern> patterns = new IdentityHashMap<>();
    private final List<AsOfJoin> asOfJoins = new ArrayList<>();
    private final Set<String> windowNames = new HashSet<>(Set.of("window_start", "window_end"));
    private Timing timing = new Timing.Stateless();

    private Analysis(
            Source source,
            Query root,
            Map<String, TableDescription> inputs,
            Optional<Duration> history) {
        this.source = source;
        this.root = root;
        this.inputs = inputs;
        this.history = history;
        this.calls = new WindowCalls(source);
    }

    /**
     * @throws SqlException if the query is wrong, or cannot be run continuously
     */
    static Analysis of(
            Source source, Map<String, TableDescription> inputs, Optional<Duration> history)
            throws SqlException {
        Statement statement = Statements.parse(source);
        if (!(statement instanceof Query query)) {
            throw source.refuse(statement.getLocation(), "An INSERT takes a SELECT");
        }
        Analysis analysis = new Analysis(source, query, inputs, history);
        analysis.run();
        return analysis;
    }

    Query root() {
        return root;
    }

    Timing timing() {
        return timing;
    }

    /** The names of the tables of streams that are read. */
    Set<String> inputs() {
        Set<String> names = new LinkedHashSet<>();
        ordered.forEach(ref -> names.add(ref.table().name()));
        return names;
    }

    List<StreamRef> streams() {
        return ordered;
    }

    Map<TableFunctionInvocation, WindowCall> windows() {
        return windows;
    }

    List<RowPatterns.Pattern> patterns() {
        return List.copyOf(patterns.values());
    }

    /** The column in which the time of a stream's row, or of its match, comes out of a query. */
    String carriedTime(StreamRef ref) {
        RowPatterns.Pattern pattern = patterns.get(ref.node());
        return pattern == null ? ref.rowtimeColumn() : pattern.timeMeasure();
    }

    Optional<StreamRef> stream(Table table) {
        return Optional.ofNullable(streams.get(table));
    }

    private void run() throws SqlException {
        link(root);
        findSteps();
        findStreams();
        if (streams.isEmpty()) {
            throw source.refuse(
                    root.getLocation(),
                    "The query reads no input; the inputs are "
                            + String.join(", ", inputs.keySet().stream().sorted().toList()));
        }
        for (TableFunctionInvocation call : Nodes.all(root, TableFunctionInvocation.class)) {
            calls.read(call).ifPresent(window -> windows.put(call, window));
        }
        List<QuerySpecification> specifications = Nodes.all(root, QuerySpecification.class);
        for (QuerySpecification specification : specifications) {
            findBucket(specification);
        }
        findWindowNames(specifications);
        findAsOfJoins();
        findPatterns();
        timing = decideTiming();
        for (QuerySpecification specification : specifications) {
            if (readsStream(specification)) {
                check(specification);
            }
        }
        refuseWhatHasNoEnd();
    }

    private void link(Node node) {
        for (Node child : node.getChildren()) {
            parents.put(child, node);
            link(child);
        }
    }

    // --- what is read

    private void findSteps() throws SqlException {
        for (With with : Nodes.all(root, With.class)) {
            if (with.isRecursive()) {
                throw refuse(with, "WITH RECURSIVE cannot be run continuously");
            }
            for (WithQuery step : with.getQueries()) {
                String name = step.getName().getValue().toLowerCase(Locale.ROOT);
                if (inputs.containsKey(name)) {
                    throw refuse(
                            step,
                            "The step " + name + " has the name of an input; give it another one");
                }
                steps.put(name, step.getQuery());
            }
        }
    }

    private void findStreams() throws SqlException {
        for (Table table : Nodes.all(root, Table.class)) {
            Optional<TableDescription> input = input(table);
            if (input.isEmpty()) {
                continue;
            }
            if (table.getQueryPeriod().isPresent() && !isJoined(table)) {
                throw refuse(
                        table,
                        "An input is read as it grows; FOR TIMESTAMP AS OF stands in a join, to take the"
                                + " version that held when the other side's row happened: o JOIN rates FOR"
                                + " TIMESTAMP AS OF o.at AS r ON r.currency = o.currency");
            }
            if (isInExpression(table)) {
                throw refuse(
                        table,
                        "An input stands in FROM, not in a subquery of a condition; write a join");
            }
            StreamRef ref =
                    new StreamRef(
                            table,
                            input.get(),
                            ordered.size() + 1,
                            parents.get(table) instanceof AliasedRelation);
            streams.put(table, ref);
            ordered.add(ref);
        }
    }

    /** The right side of a join, by itself. */
    private boolean isJoined(Table table) {
        Node relation = relation(table);
        return parents.get(relation) instanceof Join join && join.getRight() == relation;
    }

    /** The table, with its alias if it has one. */
    private Node relation(Table table) {
        return parents.get(table) instanceof AliasedRelation aliased ? aliased : table;
    }

    private void findAsOfJoins() throws SqlException {
        for (StreamRef versions : ordered) {
            Table table = versions.node();
            if (table.getQueryPeriod().isEmpty()) {
                continue;
            }
            Node relation = relation(table);
            if (!(parents.get(relation) instanceof Join join)) {
                throw new IllegalStateException("Not checked: " + table);
            }
            QueryPeriod period = table.getQueryPeriod().get();
            if (period.getRangeType() != QueryPeriod.RangeType.TIMESTAMP
                    || period.getEnd().isEmpty()
                    || !isRowtime(period.getEnd().get())) {
                throw refuse(
                        table,
                        "The version is that of the other side's rowtime: FOR TIMESTAMP AS OF o.at");
            }
            if (join.getType() != Join.Type.INNER && join.getType() != Join.Type.LEFT) {
                throw refuse(join, "Versions are joined with JOIN or LEFT JOIN");
            }
            List<String> keys = AsOfJoin.keys(join, relation, table.getName().getSuffix());
            if (keys.isEmpty()) {
                throw refuse(
                        join,
                        "What a version is known by stands in ON: r.currency = o.currency, with the table's name before the column");
            }
            if (!windows.isEmpty() || !buckets.isEmpty()) {
                throw refuse(
                        join,
                        "Write the join as an INSERT or step of its own: in a query with windows it would not be final with them");
            }
            if (history.isEmpty()) {
                throw refuse(join, "How old a version may be is not said: set spec.historySeconds");
            }
            Expression time = period.getEnd().get();
            asOfJoins.add(new AsOfJoin(versions, rowsOf(join, time), keys, time));
        }
    }

    /** The stream on the left whose time it is. */
    private StreamRef rowsOf(Join join, Expression time) throws SqlException {
        List<StreamRef> left =
                ordered.stream()
                        .filter(ref -> Nodes.all(join.getLeft(), Table.class).contains(ref.node()))
                        .filter(ref -> ref.node().getQueryPeriod().isEmpty())
                        .toList();
        if (left.size() == 1) {
            return left.getFirst();
        }
        Optional<String> name =
                time instanceof DereferenceExpression dereference
                                && dereference.getBase() instanceof Identifier base
                        ? Optional.of(base.getValue())
                        : Optional.empty();
        return left.stream()
                .filter(ref ->
                        name.isPresent()
                                && name.get()
                                        .equalsIgnoreCase(
                                                relation(ref.node())
                                                                instanceof AliasedRelation aliased
                                                        ? aliased.getAlias().getValue()
                                                        : ref.node().getName().getSuffix()))
                .findFirst()
                .orElseThrow(() ->
                        refuse(join, "Of which stream the time is cannot be told: write o.at"));
    }

    List<AsOfJoin> asOfJoins() {
        return asOfJoins;
    }

    /**
     * The streams whose rows' times say when a result is final: a version is older than its row.
     */
    List<StreamRef> timedStreams() {
        return ordered.stream()
                .filter(ref -> asOfJoins.stream().noneMatch(join -> join.versions() == ref))
                .toList();
    }

    private boolean isAsOf(Join join) {
        return asOfJoins.stream()
                .anyMatch(asOf -> parents.get(relation(asOf.versions().node())) == join);
    }

    private Optional<TableDescription> input(Table table) {
        List<String> parts =
                table.getName().getOriginalParts().stream()
                        .map(part -> part.getValue().toLowerCase(Locale.ROOT))
                        .toList();
        String name = parts.getLast();
        boolean ours =
                switch (parts.size()) {
                    case 1 -> !steps.containsKey(name);
                    case 2 -> parts.getFirst().equals("default");
                    default ->
                            parts.getFirst().equals("millrace") && parts.get(1).equals("default");
                };
        return ours ? Optional.ofNullable(inputs.get(name)) : Optional.empty();
    }

    private boolean isInExpression(Node node) {
        for (Node at = parents.get(node); at != null; at = parents.get(at)) {
            if (at instanceof SubqueryExpression || at instanceof ExistsPredicate) {
                return true;
            }
        }
        return false;
    }

    /** Whether rows of a stream come through what lies in a node, also through named steps. */
    private boolean readsStream(Node node) {
        return reads(node, new HashSet<>(), table -> streams.containsKey(table));
    }

    private interface TableTest {
        boolean test(Table table);
    }

    private boolean reads(Node node, Set<String> entered, TableTest test) {
        for (Table table : Nodes.all(node, Table.class)) {
            if (test.test(table)) {
                return true;
            }
            Optional<String> step = step(table);
            if (step.isPresent()
                    && entered.add(step.get())
                    && reads(query(step.get()), entered, test)) {
                return true;
            }
        }
        return false;
    }

    private Optional<String> step(Table table) {
        if (streams.containsKey(table) || table.getName().getOriginalParts().size() != 1) {
            return Optional.empty();
        }
        return Optional.of(table.getName().getSuffix().toLowerCase(Locale.ROOT))
                .filter(steps::containsKey);
    }

    private Query query(String step) {
        return Optional.ofNullable(steps.get(step)).orElseThrow();
    }

    /** Whether what lies in a node gives rows of windows. */
    private boolean hasWindow(Node node) {
        return hasWindow(node, new HashSet<>());
    }

    private boolean hasWindow(Node node, Set<String> entered) {
        if (Nodes.all(node, TableFunctionInvocation.class).stream().anyMatch(windows::containsKey)
                || Nodes.all(node, QuerySpecification.class).stream()
                        .anyMatch(buckets::containsKey)) {
            return true;
        }
        for (Table table : Nodes.all(node, Table.class)) {
            Optional<String> step = step(table);
            if (step.isPresent()
                    && entered.add(step.get())
                    && hasWindow(query(step.get()), entered)) {
                return true;
            }
        }
        return false;
    }

    // --- windows that are written as GROUP BY

    private void findBucket(QuerySpecification specification) throws SqlException {
        if (specification.getGroupBy().isEmpty() || !readsStream(specification)) {
            return;
        }
        for (Expression expression : groupExpressions(specification)) {
            Optional<Bucket> bucket = bucket(expression);
            if (bucket.isPresent()) {
                buckets.put(specification, new Timing.Tumbling(bucket.get()));
            }
        }
    }

    private List<Expression> groupExpressions(QuerySpecification specification) {
        List<SelectItem> items = specification.getSelect().getSelectItems();
        return specification
                .getGroupBy()
                .map(GroupBy::getGroupingElements)
                .orElse(List.of())
                .stream()
                .flatMap(element -> element.getExpressions().stream())
                .map(expression ->
                        expression instanceof LongLiteral number
                                        && number.getParsedValue() >= 1
                                        && number.getParsedValue() <= items.size()
                                        && items.get((int) number.getParsedValue() - 1)
                                                instanceof SingleColumn column
                                ? column.getExpression()
                                : expression)
                .toList();
    }

    /** The buckets that an expression divides a rowtime into. */
    private Optional<Bucket> bucket(Expression expression) throws SqlException {
        for (FunctionCall call : Nodes.all(expression, FunctionCall.class)) {
            List<Expression> arguments = call.getArguments();
            if (arguments.size() == 2
                    && Nodes.functionName(call).equals("date_trunc")
                    && arguments.getFirst() instanceof StringLiteral unit
                    && isRowtime(arguments.get(1))) {
                return Bucket.ofUnit(unit.getValue());
            }
            if (arguments.size() == 2
                    && Nodes.functionName(call).equals("tumble_start")
                    && isRowtime(arguments.getFirst())) {
                return Optional.of(new Bucket.Fixed(calls.millis(arguments.get(1))));
            }
        }
        return Optional.empty();
    }

    private boolean isRowtime(Expression expression) {
        Optional<String> name = Nodes.columnName(expression);
        return name.isPresent()
                && ordered.stream().anyMatch(ref -> isRowtime(ref.table(), name.get()));
    }

    static boolean isRowtime(TableDescription table, String column) {
        return column.equals(HiddenColumn.ROWTIME.columnName())
                || table.rowtime().orElse(HiddenColumn.ARRIVAL_TIME.columnName()).equals(column);
    }

    /** Under which other names the windows' bounds are handed on. */
    private void findWindowNames(List<QuerySpecification> specifications) throws SqlException {
        boolean more = true;
        while (more) {
            more = false;
            for (QuerySpecification specification : specifications) {
                for (SelectItem item : specification.getSelect().getSelectItems()) {
                    if (item instanceof SingleColumn column
                            && column.getAlias().isPresent()
                            && (isWindowName(column.getExpression())
                                    || bucket(column.getExpression()).isPresent())) {
                        more |=
                                windowNames.add(
                                        column.getAlias()
                                                .get()
                                                .getValue()
                                                .toLowerCase(Locale.ROOT));
                    }
                }
            }
        }
    }

    private boolean isWindowName(Expression expression) {
        return Nodes.columnName(expression).filter(windowNames::contains).isPresent();
    }

    // --- when results are final

    private Timing decideTiming() throws SqlException {
        Set<Timing> all = new LinkedHashSet<>();
        windows.values().forEach(window -> all.add(window.timing()));
        all.addAll(buckets.values());
        if (all.isEmpty()) {
            return withoutWindows();
        }
        Timing largest = all.iterator().next();
        for (Timing other : all) {
            if (length(other) > length(largest)) {
                largest = other;
            }
        }
        for (Timing other : all) {
            if (!divides(other, largest)) {
                throw source.refuse(
                        root.getLocation(),
                        "The query has windows that do not end together; write them as two INSERTs,"
                                + " the second reading the first one's output");
            }
        }
        return largest;
    }

    private static long length(Timing timing) {
        return switch (timing) {
            case Timing.Tumbling(Bucket.Fixed(long millis)) -> millis;
            case Timing.Tumbling(Bucket.Calendar(var unit)) ->
                    Duration.ofDays(7).toMillis() + unit.ordinal();
            default -> 0;
        };
    }

    private static boolean divides(Timing small, Timing large) {
        return small.equals(large)
                || small instanceof Timing.Tumbling(Bucket.Fixed(long millis))
                        && large instanceof Timing.Tumbling(Bucket bucket)
                        && (bucket instanceof Bucket.Fixed(long size)
                                ? size % millis == 0
                                : Duration.ofDays(1).toMillis() % millis == 0);
    }

    // --- patterns

    private void findPatterns() throws SqlException {
        RowPatterns reading = new RowPatterns(source);
        for (PatternRecognitionRelation node : Nodes.all(root, PatternRecognitionRelation.class)) {
            if (hasWindow(node.getInput())) {
                reading.inWindows(node, this::isWindowName);
            } else if (readsStream(node)) {
                if (ordered.size() != 1 || !windows.isEmpty() || !buckets.isEmpty()) {
                    throw refuse(
                            node,
                            "A query with MATCH_RECOGNIZE over a stream reads that one stream and has no"
                                    + " windows; write what comes behind it as an INSERT of its own,"
                                    + " which reads the first one's output");
                }
                Duration within =
                        history.orElseThrow(() ->
                                refuse(
                                        node,
                                        "How far apart the rows of a match may lie is not said: set"
                                                + " spec.historySeconds"));
                StreamRef stream = ordered.getFirst();
                patterns.put(
                        stream.node(),
                        reading.overStream(
                                node,
                                stream,
                                within.toMillis(),
                                key -> isRowtime(key) || isCarriedRowtime(key)));
            }
        }
    }

    private Timing withoutWindows() throws SqlException {
        long lookback = patterns.isEmpty() ? -1 : history.orElseThrow().toMillis();
        for (QuerySpecification specification : Nodes.all(root, QuerySpecification.class)) {
            if (!readsStream(specification)) {
                continue;
            }
            for (FunctionCall call : callsOf(specification)) {
                if (call.getWindow().isPresent()) {
                    if (!patterns.isEmpty()) {
                        throw refuse(
                                call,
                                "OVER beside MATCH_RECOGNIZE over a stream is not run: write it as an"
                                        + " INSERT of its own, which reads the first one's output");
                    }
                    lookback = Math.max(lookback, lookback(specification, call));
                }
            }
            Optional<Relation> from = specification.getFrom();
            if (from.isPresent() && streamSides(from.get()) > 1) {
                lookback = Math.max(lookback, joinLookback(specification));
            }
        }
        return lookback < 0 ? new Timing.Stateless() : new Timing.Lookback(lookback);
    }

    /** How many of the tables that a FROM joins give rows of streams. */
    private int streamSides(Node relation) {
        return switch (relation) {
            case Join join -> streamSides(join.getLeft()) + streamSides(join.getRight());
            case AliasedRelation aliased -> streamSides(aliased.getRelation());
            default -> readsStream(relation) ? 1 : 0;
        };
    }

    private long lookback(QuerySpecification specification, FunctionCall call) throws SqlException {
        WindowSpecification over = specification(specification, call);
        if (over == null
                || over.getOrderBy().isEmpty()
                || !isRowtime(over.getOrderBy().get().getSortItems().getFirst().getSortKey())
                        && !isCarriedRowtime(
                                over.getOrderBy().get().getSortItems().getFirst().getSortKey())) {
            throw refuse(
                    call,
                    "OVER over a stream is ordered by the input's rowtime, for example OVER (PARTITION"
                            + " BY customer ORDER BY at RANGE INTERVAL '1' HOUR PRECEDING)");
        }
        refuseLookingForward(call, over);
        Optional<WindowFrame> frame = over.getFrame();
        if (frame.isPresent()
                && frame.get().getStart().getValue().orElse(null)
                        instanceof IntervalLiteral interval
                && frame.get().getEnd().isEmpty()) {
            return calls.millis(interval);
        }
        if (frame.isPresent()
                && frame.get().getStart().getValue().orElse(null)
                        instanceof IntervalLiteral interval
                && frame.get().getEnd().orElseThrow().getType() == FrameBound.Type.CURRENT_ROW) {
            return calls.millis(interval);
        }
        return history.orElseThrow(() ->
                        refuse(
                                call,
                                "How far back this OVER looks is not said: write RANGE INTERVAL '1' HOUR"
                                        + " PRECEDING, or set spec.historySeconds"))
                .toMillis();
    }

    /** A row's result is given when the rows before it are there: no later one may change it. */
    private void refuseLookingForward(FunctionCall call, WindowSpecification over)
            throws SqlException {
        boolean descending =
                over.getOrderBy().orElseThrow().getSortItems().getFirst().getOrdering()
                        == SortItem.Ordering.DESCENDING;
        boolean following =
                over.getFrame().stream()
                        .flatMap(frame ->
                                Stream.concat(Stream.of(frame.getStart()), frame.getEnd().stream()))
                        .anyMatch(bound ->
                                bound.getType() == FrameBound.Type.FOLLOWING
                                        || bound.getType() == FrameBound.Type.UNBOUNDED_FOLLOWING);
        if (descending || following || LOOK_FORWARD.contains(Nodes.functionName(call))) {
            throw refuse(
                    call,
                    "OVER over a stream looks back only, because a row's result is given when the rows"
                            + " before it are there: no DESC of the rowtime, no FOLLOWING, no "
                            + String.join(", ", LOOK_FORWARD.stream().sorted().toList())
                            + "; in windows all of them work, with PARTITION BY window_start");
        }
    }

    private @Nullable WindowSpecification specification(
            QuerySpecification specification, FunctionCall call) {
        return switch (call.getWindow().orElseThrow()) {
            case WindowSpecification own -> own;
            case WindowReference reference ->
                    specification.getWindows().stream()
                            .filter(window ->
                                    window.getName()
                                            .getValue()
                                            .equalsIgnoreCase(reference.getName().getValue()))
                            .map(WindowDefinition::getWindow)
                            .findFirst()
                            .orElse(null);
            default -> null;
        };
    }

    /** A column of an inner query that may be the rowtime: Trino says if there is none. */
    private boolean isCarriedRowtime(Expression expression) {
        return Nodes.columnName(expression).isPresent()
                && Nodes.all(root, QuerySpecification.class).stream()
                        .flatMap(inner -> inner.getSelect().getSelectItems().stream())
                        .anyMatch(item ->
                                item instanceof SingleColumn column
                                        && column.getAlias()
                                                .map(Identifier::getValue)
                                                .filter(alias ->
                                                        alias.equalsIgnoreCase(
                                                                Nodes.columnName(expression)
                                                                        .orElse("")))
                                                .isPresent()
                                        && isRowtime(column.getExpression()));
    }

    private long joinLookback(QuerySpecification specification) throws SqlException {
        long longest = -1;
        for (Join join : Nodes.all(specification.getFrom().orElseThrow(), Join.class)) {
            if (isAsOf(join)) {
                longest = Math.max(longest, history.orElseThrow().toMillis());
                continue;
            }
            boolean both = readsStream(join.getLeft()) && readsStream(join.getRight());
            if (both
                    && join.getType() != Join.Type.INNER
                    && join.getType() != Join.Type.IMPLICIT
                    && join.getType() != Join.Type.CROSS) {
                throw refuse(
                        join,
                        "An outer join of two streams is only final in windows: put both sides into"
                                + " windows and join on window_start, too");
            }
        }
        List<Node> conditions =
                new ArrayList<>(Nodes.all(specification.getFrom().get(), Join.class));
        specification.getWhere().ifPresent(conditions::add);
        for (Node condition : conditions) {
            for (IntervalLiteral interval : Nodes.all(condition, IntervalLiteral.class)) {
                longest = Math.max(longest, calls.millis(interval));
            }
        }
        if (longest < 0 && history.isEmpty()) {
            throw refuse(
                    specification.getFrom().get(),
                    "Two streams are joined within a time: write a condition such as b.at BETWEEN a.at"
                            + " - INTERVAL '1' HOUR AND a.at + INTERVAL '1' HOUR, or set spec.historySeconds");
        }
        return longest >= 0 ? longest : history.get().toMillis();
    }

    // --- what is refused

    private void check(QuerySpecification specification) throws SqlException {
        boolean windowed =
                specification.getFrom().isPresent() && hasWindow(specification.getFrom().get());
        boolean aggregates =
                specification.getGroupBy().isPresent()
                        || callsOf(specification).stream()
                                .anyMatch(call ->
                                        call.getWindow().isEmpty()
                                                && AGGREGATES.contains(Nodes.functionName(call)));
        if (aggregates && !buckets.containsKey(specification)) {
            if (!windowed) {
                throw refuse(
                        specification,
                        "This aggregate would never be final, because a stream has no end: group by a"
                                + " window, FROM TABLE(TUMBLE(TABLE(orders), DESCRIPTOR(at), INTERVAL '1'"
                                + " MINUTE)) GROUP BY window_start, or by date_trunc('minute', at)");
            }
            if (groupExpressions(specification).stream().noneMatch(this::isWindowName)) {
                throw refuse(
                        specification,
                        "An aggregate of windows groups by window_start or window_end, too: otherwise it"
                                + " would run across windows that end at other times");
            }
        }
        if (specification.getSelect().isDistinct() && !selectsWindow(specification)) {
            throw refuse(
                    specification,
                    "SELECT DISTINCT of a stream would have to remember all rows for ever: group by a"
                            + " window instead");
        }
        if (specification.getLimit().isPresent() || specification.getOffset().isPresent()) {
            throw noLimit(specification);
        }
        if (windowed || buckets.containsKey(specification)) {
            checkOver(specification);
        }
    }

    private boolean selectsWindow(QuerySpecification specification) {
        return specification.getSelect().getSelectItems().stream()
                .anyMatch(item ->
                        item instanceof AllColumns
                                || item instanceof SingleColumn column
                                        && isWindowName(column.getExpression()));
    }

    private void checkOver(QuerySpecification specification) throws SqlException {
        for (FunctionCall call : callsOf(specification)) {
            if (call.getWindow().isEmpty()) {
                continue;
            }
            WindowSpecification over = specification(specification, call);
            boolean byWindow = false;
            if (over != null) {
                for (Expression key : over.getPartitionBy()) {
                    byWindow |= isWindowName(key) || bucket(key).isPresent();
                }
            }
            if (!byWindow) {
                throw refuse(
                        call,
                        "OVER of windows is PARTITION BY window_start (and more), so that its rows are"
                                + " final together");
            }
        }
    }

    private void refuseWhatHasNoEnd() throws SqlException {
        for (Query query : Nodes.all(root, Query.class)) {
            if ((query.getLimit().isPresent() || query.getOffset().isPresent())
                    && readsStream(query)) {
                throw noLimit(query);
            }
        }
        for (SetOperation operation : Nodes.all(root, SetOperation.class)) {
            if (!(operation instanceof Union && !operation.isDistinct())
                    && readsStream(operation)) {
                throw refuse(
                        operation,
                        "Streams are put together by UNION ALL; UNION, INTERSECT and EXCEPT would have"
                                + " to remember all rows for ever");
            }
        }
        if (windows.isEmpty() && buckets.isEmpty()) {
            refuseJoinsFromElsewhere();
        } else {
            refuseRowsBesideWindows();
        }
    }

    /** Rows of a reference table alone would come again with each run. */
    private void refuseJoinsFromElsewhere() throws SqlException {
        for (Join join : Nodes.all(root, Join.class)) {
            boolean left = readsStream(join.getLeft());
            boolean right = readsStream(join.getRight());
            if (left != right
                    && (join.getType() == Join.Type.FULL
                            || join.getType() == Join.Type.LEFT && right
                            || join.getType() == Join.Type.RIGHT && left)) {
                throw refuse(
                        join,
                        "The stream stands on the side of an outer join whose rows are all kept: write"
                                + " stream LEFT JOIN table");
            }
        }
    }

    private void refuseRowsBesideWindows() throws SqlException {
        for (StreamRef ref : ordered) {
            boolean inWindow = false;
            for (Node at = parents.get(ref.node()); at != null; at = parents.get(at)) {
                inWindow |=
                        at instanceof TableFunctionInvocation call && windows.containsKey(call)
                                || at instanceof QuerySpecification specification
                                        && buckets.containsKey(specification)
                                || at instanceof WithQuery;
            }
            if (!inWindow) {
                throw refuse(
                        ref.node(),
                        "The input "
                                + ref.table().name()
                                + " is read beside windows without being in one");
            }
        }
    }

    private SqlException noLimit(Node node) {
        return refuse(
                node,
                "A stream has no end that LIMIT could be counted to; for the top rows of each window"
                        + " write row_number() OVER (PARTITION BY window_start ORDER BY ...) and a condition"
                        + " on it");
    }

    /** The function calls of a SELECT itself, without those of its subqueries. */
    private static List<FunctionCall> callsOf(QuerySpecification specification) {
        List<FunctionCall> calls = new ArrayList<>();
        calls.addAll(
                Nodes.all(
                        specification.getSelect(),
                        FunctionCall.class,
                        node -> !(node instanceof Query)));
        specification
                .getHaving()
                .ifPresent(having ->
                        calls.addAll(
                                Nodes.all(
                                        having,
                                        FunctionCall.class,
                                        node -> !(node instanceof Query))));
        return calls;
    }

    private SqlException refuse(Node node, String problem) {
        return source.refuse(node.getLocation(), problem);
    }
}
