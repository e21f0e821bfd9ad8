/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import dev.millrace.analytics.sql.KinesisDialect.InApplicationStream;
import dev.millrace.table.HiddenColumn;
import dev.millrace.table.TableDescription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The functions of Kinesis Data Analytics that take a query, {@code TABLE(f(CURSOR(SELECT STREAM
 * ...), ...))}, as subqueries with the plugin's functions.
 */
final class KinesisFunctions {

    private static final String ROWTIME = HiddenColumn.ROWTIME.columnName();

    private static final Set<String> NUMBERS =
            Set.of(
                    "tinyint",
                    "smallint",
                    "int",
                    "integer",
                    "bigint",
                    "real",
                    "double",
                    "float",
                    "decimal",
                    "numeric");

    /** The functions, with how many arguments they have at most behind their query. */
    private enum Function {
        RANDOM_CUT_FOREST(4),
        RANDOM_CUT_FOREST_WITH_EXPLANATION(5),
        HOTSPOTS(3),
        TOP_K_ITEMS_TUMBLING(3),
        COUNT_DISTINCT_ITEMS_TUMBLING(2);

        private final int arguments;

        Function(int arguments) {
            this.arguments = arguments;
        }

        static Optional<Function> named(String name) {
            return Arrays.stream(values())
                    .filter(function -> function.name().equalsIgnoreCase(name))
                    .findFirst();
        }
    }

    private final Tokens tokens;
    private final List<Tokens.Word> words;
    private final Map<String, TableDescription> inputs;
    private final Map<String, InApplicationStream> streams;
    private final KinesisQuery queries;

    /** A call: where its parts are, and what its query gives. */
    private record Call(
            Function function, int at, int query, int queryEnd, List<String> arguments, int end) {}

    KinesisFunctions(
            Tokens tokens,
            Map<String, TableDescription> inputs,
            Map<String, InApplicationStream> streams,
            KinesisQuery queries) {
        this.tokens = tokens;
        this.words = tokens.words();
        this.inputs = inputs;
        this.streams = streams;
        this.queries = queries;
    }

    boolean isCall(int at, int to) {
        return at + 6 < to
                && queries.isWord(at, "TABLE")
                && queries.isWord(at + 1, "(")
                && Function.named(words.get(at + 2).text()).isPresent()
                && queries.isWord(at + 3, "(")
                && queries.isWord(at + 4, "CURSOR")
                && queries.isWord(at + 5, "(");
    }

    /** Writes a call; the place of the word behind it. */
    int write(Source.Builder text, int at) throws SqlException {
        Call call = read(at);
        switch (call.function()) {
            case RANDOM_CUT_FOREST -> forest(text, call);
            case RANDOM_CUT_FOREST_WITH_EXPLANATION -> explainedForest(text, call);
            case HOTSPOTS -> hotspots(text, call);
            case TOP_K_ITEMS_TUMBLING -> topItems(text, call);
            case COUNT_DISTINCT_ITEMS_TUMBLING -> distinctItems(text, call);
        }
        return call.end();
    }

    private Call read(int at) throws SqlException {
        Function function = Function.named(words.get(at + 2).text()).orElseThrow();
        int queryEnd = tokens.closing(at + 5);
        int close = tokens.closing(at + 3);
        List<String> arguments = new ArrayList<>();
        for (int[] part : KinesisQuery.split(tokens, queryEnd + 1, close, ",")) {
            arguments.add(
                    tokens.text()
                            .substring(words.get(part[0]).start(), words.get(part[1] - 1).end()));
        }
        if (arguments.size() > function.arguments) {
            throw queries.refuse(
                    at + 2,
                    function
                            + " has at most "
                            + function.arguments
                            + " arguments behind its CURSOR");
        }
        return new Call(function, at, at + 6, queryEnd, arguments, tokens.closing(at + 1) + 1);
    }

    private void forest(Source.Builder text, Call call) throws SqlException {
        Map<String, String> columns = columns(call);
        text.insert(
                "(SELECT "
                        + KinesisQuery.list(columns.keySet())
                        + ", "
                        + ROWTIME
                        + ", random_cut_forest(ARRAY["
                        + doubles(call, columns)
                        + "]"
                        + options(call)
                        + ") OVER (ORDER BY "
                        + ROWTIME
                        + ") AS anomaly_score FROM ");
        query(text, call);
        text.insert(")");
    }

    private void explainedForest(Source.Builder text, Call call) throws SqlException {
        Map<String, String> columns = columns(call);
        String names = KinesisQuery.list(columns.keySet()) + ", " + ROWTIME;
        String keys =
                numbers(call, columns).stream()
                        .map(name -> "'" + name.toUpperCase(Locale.ROOT).replace("'", "''") + "'")
                        .collect(Collectors.joining(", "));
        text.insert(
                "(SELECT "
                        + names
                        + ", \"$forest\".anomaly_score AS anomaly_score, \"$forest\".anomaly_explanation AS"
                        + " anomaly_explanation FROM (SELECT "
                        + names
                        + ", random_cut_forest_with_explanation(map(ARRAY["
                        + keys
                        + "], ARRAY["
                        + doubles(call, columns)
                        + "])"
                        + options(call)
                        + ") OVER (ORDER BY "
                        + ROWTIME
                        + ") AS \"$forest\" FROM ");
        query(text, call);
        text.insert("))");
    }

    /** The arguments that are given, and Kinesis's defaults for the others. */
    private static String options(Call call) {
        List<String> all = new ArrayList<>(List.of("100", "256", "100000", "1"));
        for (int i = 0; i < Math.min(all.size(), call.arguments().size()); i++) {
            all.set(i, call.arguments().get(i));
        }
        return ", " + String.join(", ", all);
    }

    private void hotspots(Source.Builder text, Call call) throws SqlException {
        requireArguments(call, "windowSize, scanRadius, minimumNumberOfPointsInAHotspot");
        Map<String, String> columns = columns(call);
        text.insert(
                "(SELECT "
                        + KinesisQuery.list(columns.keySet())
                        + ", "
                        + ROWTIME
                        + ", hotspots(array_agg(ARRAY["
                        + doubles(call, columns)
                        + "]) OVER (ORDER BY "
                        + ROWTIME
                        + " ROWS BETWEEN "
                        + (number(call, 0) - 1)
                        + " PRECEDING AND CURRENT ROW), "
                        + call.arguments().get(1)
                        + ", "
                        + number(call, 2)
                        + ") AS hotspots_result FROM ");
        query(text, call);
        text.insert(")");
    }

    private void topItems(Source.Builder text, Call call) throws SqlException {
        requireArguments(call, "'column', K, windowSize in seconds");
        text.insert(
                "(SELECT item, item_count FROM (SELECT item, item_count, row_number() OVER (PARTITION BY"
                        + " window_start ORDER BY item_count DESC, item) AS place FROM (SELECT window_start, "
                        + column(call)
                        + " AS item, count(*) AS item_count FROM ");
        window(text, call, 2);
        text.insert(
                " GROUP BY window_start, "
                        + column(call)
                        + ")) WHERE place <= "
                        + number(call, 1)
                        + ")");
    }

    private void distinctItems(Source.Builder text, Call call) throws SqlException {
        requireArguments(call, "'column', windowSize in seconds");
        text.insert(
                "(SELECT approx_distinct(" + column(call) + ") AS number_of_distinct_items FROM ");
        window(text, call, 1);
        text.insert(" GROUP BY window_start)");
    }

    private void window(Source.Builder text, Call call, int argument) throws SqlException {
        text.insert("TABLE(TUMBLE(TABLE");
        query(text, call);
        text.insert(
                ", DESCRIPTOR("
                        + ROWTIME
                        + "), INTERVAL '"
                        + number(call, argument)
                        + "' SECOND))");
    }

    /** The query in parentheses, with the rowtime. */
    private void query(Source.Builder text, Call call) throws SqlException {
        int from = from(call);
        text.insert("(");
        queries.write(text, call.query(), from);
        boolean all = queries.topLevel(call.query(), from, "*") >= 0;
        boolean isStep = streams.containsKey(KinesisQuery.name(words.get(from + 1).text()));
        text.insert(all && isStep ? " " : ", " + ROWTIME + " "); // A step hands it on.
        queries.write(text, from, call.queryEnd());
        text.insert(")");
    }

    // --- columns

    private int from(Call call) throws SqlException {
        int from = queries.topLevel(call.query(), call.queryEnd(), "FROM");
        if (from < 0 || from + 1 >= call.queryEnd()) {
            throw queries.refuse(call.query(), "A CURSOR has SELECT STREAM ... FROM a stream");
        }
        return from;
    }

    /** What a call's query gives, with the types as far as they are known. */
    private Map<String, String> columns(Call call) throws SqlException {
        int from = from(call);
        Map<String, String> source = columnsOf(KinesisQuery.name(words.get(from + 1).text()));
        int first = call.query() + 1;
        while (queries.isWord(first, "STREAM") || queries.isWord(first, "DISTINCT")) {
            first++;
        }
        Map<String, String> columns = new LinkedHashMap<>();
        for (int[] item : KinesisQuery.split(tokens, first, from, ",")) {
            int end = queries.withoutAlias(item);
            String last = words.get(end - 1).text();
            if (last.equals("*")) {
                columns.putAll(source);
                continue;
            }
            boolean isColumn =
                    KinesisQuery.isName(last) && (end - item[0] == 1 || end - item[0] == 3);
            String name = KinesisQuery.name(words.get(item[1] - 1).text());
            if (!isColumn && end == item[1]) {
                throw queries.refuse(item[0], "Give this expression a name: ... AS name");
            }
            columns.put(
                    name,
                    isColumn ? source.getOrDefault(KinesisQuery.name(last), "varchar") : "double");
        }
        return columns;
    }

    private Map<String, String> columnsOf(String table) {
        InApplicationStream stream = streams.get(table);
        if (stream != null) {
            return stream.columns();
        }
        Map<String, String> columns = new LinkedHashMap<>();
        TableDescription input = inputs.get(table);
        if (input != null) {
            input.columns().forEach(column -> columns.put(column.name(), column.type()));
        }
        return columns;
    }

    private List<String> numbers(Call call, Map<String, String> columns) throws SqlException {
        List<String> numbers =
                columns.entrySet().stream()
                        .filter(column ->
                                NUMBERS.contains(column.getValue().replaceAll("\\(.*", "").trim()))
                        .map(Map.Entry::getKey)
                        .toList();
        if (numbers.isEmpty()) {
            throw queries.refuse(
                    call.at() + 2,
                    call.function()
                            + " needs a column that is a number; its query gives "
                            + columns);
        }
        return numbers;
    }

    private String doubles(Call call, Map<String, String> columns) throws SqlException {
        return numbers(call, columns).stream()
                .map(name -> "CAST(" + KinesisQuery.quoted(name) + " AS double)")
                .collect(Collectors.joining(", "));
    }

    // --- arguments

    private void requireArguments(Call call, String names) throws SqlException {
        if (call.arguments().size() < call.function().arguments) {
            throw queries.refuse(
                    call.at() + 2, call.function() + " has the arguments CURSOR(...), " + names);
        }
    }

    private long number(Call call, int index) throws SqlException {
        try {
            return Long.parseLong(call.arguments().get(index));
        } catch (NumberFormatException _) {
            throw queries.refuse(
                    call.at() + 2,
                    call.function()
                            + " takes a whole number here, not "
                            + call.arguments().get(index));
        }
    }

    private String column(Call call) throws SqlException {
        String argument = call.arguments().getFirst();
        if (!argument.startsWith("'")) {
            throw queries.refuse(
                    call.at() + 2,
                    call.function() + " takes its column's name as a text: 'ticker'");
        }
        return KinesisQuery.quoted(
                argument.substring(1, argument.length() - 1).toLowerCase(Locale.ROOT));
    }
}
