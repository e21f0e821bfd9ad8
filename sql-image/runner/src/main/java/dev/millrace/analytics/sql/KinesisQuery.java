/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import dev.millrace.table.HiddenColumn;
import dev.millrace.table.TableDescription;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes a query of Kinesis Data Analytics as Trino takes it, word by word: what is not special to
 * that dialect stays where it is.
 */
final class KinesisQuery {

    private static final String ROWTIME = HiddenColumn.ROWTIME.columnName();
    private static final Pattern PARSED_COLUMN = Pattern.compile("column[1-9]\\d{0,3}");

    /** What an expression may end with though it looks like a name. */
    private static final Set<String> NO_ALIAS =
            Set.of(
                    "END", "NULL", "TRUE", "FALSE", "SECOND", "MINUTE", "HOUR", "DAY", "MONTH",
                    "YEAR");

    /** Words behind which an expression goes on. */
    private static final Set<String> NO_END =
            Set.of(
                    "AND",
                    "OR",
                    "NOT",
                    "OVER",
                    "IN",
                    "LIKE",
                    "IS",
                    "BETWEEN",
                    "DISTINCT",
                    "WHEN",
                    "THEN",
                    "ELSE",
                    "CASE",
                    "FROM",
                    "AT",
                    "ZONE",
                    "INTERVAL",
                    "DATE",
                    "TIME",
                    "TIMESTAMP");

    private final Tokens tokens;
    private final List<Tokens.Word> words;
    private final Map<String, TableDescription> inputs;
    private final KinesisFunctions functions;

    KinesisQuery(
            Tokens tokens,
            Map<String, TableDescription> inputs,
            Map<String, KinesisDialect.InApplicationStream> streams) {
        this.tokens = tokens;
        this.words = tokens.words();
        this.inputs = inputs;
        this.functions = new KinesisFunctions(tokens, inputs, streams, this);
    }

    /** Words from the first to before the last one. */
    void write(Source.Builder text, int from, int to) throws SqlException {
        int copied = words.get(from).start();
        int i = from;
        while (i < to) {
            int start = words.get(i).start();
            int next = i;
            Source.Builder piece = new Source.Builder(tokens);
            if (isStreamKeyword(i)) {
                next = i + 1;
            } else if (opens(i, "STEP") || opens(i, "FLOOR") || opens(i, "CEIL")) {
                next = bucket(piece, i);
            } else if (functions.isCall(i, to)) {
                next = functions.write(piece, i);
            } else if (isWord(i, "WINDOWED") && isWord(i + 1, "BY") && isWord(i + 2, "STAGGER")) {
                next = stagger(piece, i);
            } else if (isFrame(i)) {
                next = frame(piece, i);
            } else if (isColumn(i, "ROWTIME")) {
                piece.insert(ROWTIME);
                next = i + 1;
            } else if (isColumn(i, "APPROXIMATE_ARRIVAL_TIME")) {
                piece.insert(HiddenColumn.ARRIVAL_TIME.columnName());
                next = i + 1;
            } else if (isParsedColumn(i)) {
                next = parsedColumn(piece, i);
            }
            if (next == i) {
                i++;
                continue;
            }
            text.copy(copied, start);
            text.append(piece);
            copied = words.get(next - 1).end();
            i = next;
        }
        text.copy(copied, words.get(to - 1).end());
    }

    /**
     * A pump's query, with the names and types of the columns that it writes.
     *
     * @param withRowtime whether the rowtime is handed on behind them
     */
    void writeAs(
            Source.Builder text, int from, int to, Map<String, String> columns, boolean withRowtime)
            throws SqlException {
        int at = from;
        int depth = 0;
        for (int i = from; i < to; i++) {
            depth += depthOf(i);
            if (depth > 0 || !isWord(i, "SELECT")) {
                continue;
            }
            int first = i + 1;
            while (isWord(first, "STREAM") || isWord(first, "DISTINCT") || isWord(first, "ALL")) {
                first++;
            }
            int end = itemsEnd(first, to);
            write(text, at, first);
            text.insert(isWord(first - 1, "STREAM") ? "" : " ");
            items(text, first, end, columns);
            if (withRowtime && !isGrouped(end, to)) {
                text.insert(", " + ROWTIME);
            }
            text.insert(" ");
            at = end;
            i = end - 1;
        }
        if (at < to) {
            write(text, at, to);
        }
    }

    private void items(Source.Builder text, int first, int end, Map<String, String> columns)
            throws SqlException {
        List<int[]> items = split(tokens, first, end, ",");
        boolean all = items.stream().anyMatch(item -> words.get(item[1] - 1).text().equals("*"));
        if (all) {
            write(text, first, end);
            return;
        }
        if (items.size() != columns.size()) {
            throw refuse(
                    first,
                    "The pump writes the columns "
                            + columns.keySet()
                            + " and its SELECT gives "
                            + items.size());
        }
        Iterator<Map.Entry<String, String>> names = columns.entrySet().iterator();
        for (int i = 0; i < items.size(); i++) {
            Map.Entry<String, String> column = names.next();
            // A time stays as it is, so that its windows are known of it.
            boolean cast = !column.getValue().startsWith("timestamp");
            text.insert((i > 0 ? ", " : "") + (cast ? "CAST(" : ""));
            write(text, items.get(i)[0], withoutAlias(items.get(i)));
            text.insert(
                    (cast ? " AS " + column.getValue() + ")" : "")
                            + " AS "
                            + quoted(column.getKey()));
        }
    }

    /** Where an item's expression ends. */
    int withoutAlias(int[] item) {
        int last = item[1] - 1;
        if (item[1] - item[0] < 2) {
            return item[1];
        }
        if (isWord(last - 1, "AS")) {
            return last - 1;
        }
        String before = words.get(last - 1).text();
        boolean isName =
                isName(words.get(last).text())
                        && !NO_ALIAS.contains(words.get(last).text().toUpperCase(Locale.ROOT));
        boolean endsExpression =
                before.equals(")")
                        || isName(before) && !NO_END.contains(before.toUpperCase(Locale.ROOT))
                        || before.endsWith("'")
                        || isNumber(before);
        return isName && endsExpression ? last : item[1];
    }

    /** Where the items of a SELECT end. */
    int itemsEnd(int first, int to) {
        int depth = 0;
        for (int i = first; i < to; i++) {
            depth += depthOf(i);
            if (depth < 0
                    || depth == 0
                            && (isWord(i, "FROM") || isWord(i, "UNION") || isWord(i, "WHERE"))) {
                return i;
            }
        }
        return to;
    }

    /** Whether a SELECT has groups, so that its rows have no rowtime. */
    private boolean isGrouped(int from, int to) {
        int depth = 0;
        for (int i = from; i < to; i++) {
            depth += depthOf(i);
            if (depth == 0 && isWord(i, "UNION")) {
                return false;
            }
            if (depth == 0 && (isWord(i, "GROUP") || isWord(i, "WINDOWED"))) {
                return true;
            }
        }
        return false;
    }

    /** Whether words name the rowtime, or leave it to the dialect to order by it. */
    boolean needsRowtime(int from, int to) {
        for (int i = from; i < to; i++) {
            if (isColumn(i, "ROWTIME") || isFrame(i) || functions.isCall(i, to)) {
                return true;
            }
        }
        return false;
    }

    // --- times

    /** STEP(time BY INTERVAL ...), FLOOR(time TO unit), CEIL(time TO unit). */
    private int bucket(Source.Builder text, int at) throws SqlException {
        int close = tokens.closing(at + 1);
        int divider = topLevel(at + 2, close, isWord(at, "STEP") ? "BY" : "TO");
        if (divider < 0) {
            return at; // FLOOR of a number.
        }
        if (isWord(at, "STEP")) {
            text.insert("tumble_start(");
            time(text, at + 2, divider);
            text.insert(", ");
            write(text, divider + 1, close);
            text.insert(")");
            return close + 1;
        }
        String unit = words.get(divider + 1).text().toLowerCase(Locale.ROOT);
        text.insert("date_trunc('" + unit + "', ");
        time(text, at + 2, divider);
        text.insert(isWord(at, "CEIL") ? ") + INTERVAL '1' " + unit : ")");
        return close + 1;
    }

    /** Where rows happen when they arrive, both times are one. */
    private void time(Source.Builder text, int from, int to) throws SqlException {
        boolean arrival =
                isColumn(to - 1, "APPROXIMATE_ARRIVAL_TIME")
                        && inputs.values().stream().allMatch(input -> input.rowtime().isEmpty());
        if (!arrival) {
            write(text, from, to);
            return;
        }
        if (to - from > 1) {
            write(text, from, to - 1);
        }
        text.insert(ROWTIME);
    }

    /**
     * WINDOWED BY STAGGER (PARTITION BY FLOOR(at TO MINUTE), k RANGE INTERVAL '1' MINUTE): with
     * watermarks, rows of one minute come together whenever they arrive, so it is GROUP BY.
     */
    private int stagger(Source.Builder text, int at) throws SqlException {
        int open = at + 3;
        int close = tokens.closing(open);
        int range = topLevel(open + 1, close, "RANGE");
        if (!isWord(open + 1, "PARTITION") || range < 0) {
            throw refuse(
                    at, "WINDOWED BY STAGGER has (PARTITION BY ... RANGE INTERVAL '1' MINUTE)");
        }
        boolean hasBucket = false;
        for (int i = open + 3; i < range; i++) {
            hasBucket |= opens(i, "FLOOR") || opens(i, "STEP") || opens(i, "DATE_TRUNC");
        }
        if (!hasBucket) {
            throw refuse(
                    at,
                    "WINDOWED BY STAGGER is run where its PARTITION BY divides the time, such as"
                            + " PARTITION BY FLOOR(event_time TO MINUTE), ticker; for windows that begin"
                            + " with their first row write FROM TABLE(SESSION(TABLE(...) PARTITION BY"
                            + " ticker, DESCRIPTOR(at), INTERVAL '1' MINUTE))");
        }
        text.insert("GROUP BY ");
        write(text, open + 3, range);
        return close + 1;
    }

    /** A window's specification with a frame and without an order, which is then the rowtime's. */
    private boolean isFrame(int at) {
        if (!isWord(at, "(") || at == 0 || !(isWord(at - 1, "OVER") || isWord(at - 1, "AS"))) {
            return false;
        }
        if (!isWord(at + 1, "PARTITION") && !isWord(at + 1, "RANGE") && !isWord(at + 1, "ROWS")) {
            return false;
        }
        int close = tokens.closing(at);
        return topLevel(at + 1, close, "ORDER") < 0 && frameWord(at, close) >= 0;
    }

    private int frameWord(int open, int close) {
        return Math.max(topLevel(open + 1, close, "RANGE"), topLevel(open + 1, close, "ROWS"));
    }

    private int frame(Source.Builder text, int at) throws SqlException {
        int close = tokens.closing(at);
        int frame = frameWord(at, close);
        text.insert("(");
        if (frame > at + 1) {
            write(text, at + 1, frame);
        }
        text.insert(" ORDER BY " + ROWTIME + " ");
        write(text, frame, close);
        text.insert(")");
        return close + 1;
    }

    /** A field of what a log parser made, such as {@code l.r.COLUMN1}: ours is an array. */
    private boolean isParsedColumn(int at) {
        return !isWord(at - 1, ".")
                && isWord(at + 1, ".")
                && isWord(at + 3, ".")
                && at + 4 < words.size()
                && PARSED_COLUMN.matcher(name(words.get(at + 4).text())).matches();
    }

    private int parsedColumn(Source.Builder text, int at) {
        text.insert("element_at(");
        text.copy(words.get(at).start(), words.get(at + 2).end());
        text.insert(", " + name(words.get(at + 4).text()).substring("column".length()) + ")");
        return at + 5;
    }

    // --- words

    private boolean isStreamKeyword(int at) {
        return isWord(at, "STREAM")
                && at > 0
                && isWord(at - 1, "SELECT")
                && !isWord(at + 1, ",")
                && !isWord(at + 1, "FROM")
                && !isWord(at + 1, ".")
                && !isWord(at + 1, "AS");
    }

    private boolean isColumn(int at, String name) {
        return name(words.get(at).text()).equalsIgnoreCase(name)
                && !(at > 0 && isWord(at - 1, "AS"))
                && !isWord(at + 1, ".")
                && !isWord(at + 1, "(");
    }

    private boolean opens(int at, String function) {
        return isWord(at, function) && isWord(at + 1, "(");
    }

    boolean isWord(int at, String text) {
        return at >= 0 && at < words.size() && words.get(at).is(text);
    }

    private int depthOf(int at) {
        return switch (words.get(at).text()) {
            case "(" -> 1;
            case ")" -> -1;
            default -> 0;
        };
    }

    /** The first word of a kind that is in no parentheses; -1 if there is none. */
    int topLevel(int from, int to, String word) {
        int depth = 0;
        for (int i = from; i < to; i++) {
            depth += depthOf(i);
            if (depth == 0 && isWord(i, word)) {
                return i;
            }
        }
        return -1;
    }

    /** What lies between signs that are in no parentheses: from the first to before the last. */
    static List<int[]> split(Tokens tokens, int from, int to, String sign) {
        List<int[]> parts = new ArrayList<>();
        int depth = 0;
        int first = from;
        for (int i = from; i <= to; i++) {
            String word = i < to ? tokens.words().get(i).text() : sign;
            depth += word.equals("(") ? 1 : word.equals(")") ? -1 : 0;
            if (depth == 0 && word.equals(sign) || i == to) {
                if (i > first) {
                    parts.add(new int[] {first, i});
                }
                first = i + 1;
            }
        }
        return parts;
    }

    static boolean isName(String word) {
        return word.startsWith("\"") || Character.isLetter(word.charAt(0)) || word.startsWith("_");
    }

    private static boolean isNumber(String word) {
        return Character.isDigit(word.charAt(0));
    }

    /** A name as it is compared: Trino's are in lower case. */
    static String name(String word) {
        String bare =
                word.length() > 1 && word.startsWith("\"")
                        ? word.substring(1, word.length() - 1).replace("\"\"", "\"")
                        : word;
        return bare.toLowerCase(Locale.ROOT);
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static String list(Iterable<String> names) {
        List<String> all = new ArrayList<>();
        names.forEach(name -> all.add(quoted(name)));
        return all.stream().collect(Collectors.joining(", "));
    }

    SqlException refuse(int word, String problem) {
        return new SqlException(tokens.position(words.get(word).start()), problem);
    }
}
