/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import dev.millrace.table.TableDescription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The SQL of Kinesis Data Analytics as ours. An in-application stream that pumps read is a view,
 * with the queries of the pumps that write it; one that is an output of the application is written
 * by INSERTs. A text without {@code CREATE STREAM} and {@code CREATE PUMP} stays as it is.
 *
 * <p>Source: Amazon Kinesis Data Analytics SQL Reference.
 */
final class KinesisDialect {

    /**
     * An in-application stream.
     *
     * @param word the place of its name
     * @param columns its columns with their types, as Trino calls them
     */
    record InApplicationStream(String name, int word, Map<String, String> columns) {}

    /** A pump: the words of its query, from the first one to before the last one. */
    private record Pump(String target, int word, List<String> columns, int from, int to) {}

    /** A statement that stays: the words of it, and its name if it is a view. */
    private record Plain(Optional<String> view, int from, int to) {}

    private final Tokens whole;
    private final Set<String> outputs;
    private final KinesisQuery queries;
    private final Map<String, InApplicationStream> streams = new LinkedHashMap<>();
    private final List<Pump> pumps = new ArrayList<>();
    private final List<Plain> plain = new ArrayList<>();
    private final Source.Builder text;

    private KinesisDialect(
            Tokens whole, Map<String, TableDescription> inputs, Set<String> outputs) {
        this.whole = whole;
        this.outputs = outputs;
        this.text = new Source.Builder(whole);
        this.queries = new KinesisQuery(whole, inputs, streams);
    }

    /**
     * @param inputs the streams' tables by their names
     * @param outputs the names of the outputs, in lower case
     * @throws SqlException if a stream or pump is not written as it should be
     */
    static Source translate(Tokens whole, Map<String, TableDescription> inputs, Set<String> outputs)
            throws SqlException {
        List<int[]> statements = statements(whole);
        boolean isKinesis = false;
        for (int[] statement : statements) {
            isKinesis |=
                    isCreate(whole, statement[0], "STREAM")
                            || isCreate(whole, statement[0], "PUMP");
        }
        if (!isKinesis) {
            return Source.of(whole, 0, whole.text().length());
        }
        KinesisDialect dialect = new KinesisDialect(whole, inputs, outputs);
        for (int[] statement : statements) {
            dialect.read(statement[0], statement[1]);
        }
        dialect.write();
        return dialect.text.build();
    }

    private static List<int[]> statements(Tokens whole) {
        List<int[]> statements = new ArrayList<>();
        int first = 0;
        for (int i = 0; i <= whole.words().size(); i++) {
            if (i == whole.words().size() || whole.words().get(i).text().equals(";")) {
                if (i > first) {
                    statements.add(new int[] {first, i});
                }
                first = i + 1;
            }
        }
        return statements;
    }

    private static boolean isCreate(Tokens whole, int first, String kind) {
        return afterCreate(whole, first)
                .filter(at -> at + 1 < whole.words().size() && whole.words().get(at).is(kind))
                .isPresent();
    }

    private static Optional<Integer> afterCreate(Tokens whole, int first) {
        List<Tokens.Word> words = whole.words();
        if (!words.get(first).is("CREATE") || first + 1 >= words.size()) {
            return Optional.empty();
        }
        boolean replaces = words.get(first + 1).is("OR");
        return Optional.of(replaces ? first + 3 : first + 1);
    }

    // --- reading

    private void read(int first, int end) throws SqlException {
        if (isCreate(whole, first, "STREAM")) {
            stream(afterCreate(whole, first).orElseThrow() + 1, end);
        } else if (isCreate(whole, first, "PUMP")) {
            pump(afterCreate(whole, first).orElseThrow() + 1, end);
        } else {
            Optional<String> view =
                    isCreate(whole, first, "VIEW")
                            ? Optional.of(name(afterCreate(whole, first).orElseThrow() + 1))
                            : Optional.empty();
            plain.add(new Plain(view, first, end));
        }
    }

    private void stream(int name, int end) throws SqlException {
        if (name + 1 >= end || !word(name + 1).equals("(")) {
            throw refuse(
                    name,
                    "A stream is CREATE OR REPLACE STREAM name (column type, ...), with columns");
        }
        int close = closing(name + 1, end);
        Map<String, String> columns = new LinkedHashMap<>();
        for (int[] part : KinesisQuery.split(whole, name + 2, close, ",")) {
            if (part[1] - part[0] < 2) {
                throw refuse(part[0], "A column of a stream is a name and a type");
            }
            String type = type(part[0] + 1, part[1]);
            if (columns.put(name(part[0]), type) != null) {
                throw refuse(part[0], "The stream has the column " + name(part[0]) + " twice");
            }
        }
        streams.put(name(name), new InApplicationStream(name(name), name, columns));
    }

    /** A column's type; Kinesis has names that Trino has not. */
    private String type(int from, int to) {
        int end = to;
        if (end - from > 2 && whole.words().get(end - 2).is("NOT")) {
            end -= 2; // NOT NULL
        }
        String type =
                whole.text()
                        .substring(
                                whole.words().get(from).start(), whole.words().get(end - 1).end())
                        .toLowerCase(Locale.ROOT);
        if (type.startsWith("float")) {
            return "double";
        }
        return type.startsWith("varbinary") || type.startsWith("binary") ? "varbinary" : type;
    }

    private void pump(int name, int end) throws SqlException {
        int at = name + 1;
        while (at < end && !whole.words().get(at).is("INSERT")) {
            at++; // STARTED, AS
        }
        if (at + 3 >= end || !whole.words().get(at + 1).is("INTO")) {
            throw refuse(
                    name,
                    "A pump is CREATE OR REPLACE PUMP name AS INSERT INTO stream SELECT STREAM ...");
        }
        int target = at + 2;
        int query = target + 1;
        List<String> columns = new ArrayList<>();
        if (word(query).equals("(") && !whole.words().get(query + 1).is("SELECT")) {
            int close = closing(query, end);
            for (int i = query + 1; i < close; i += 2) {
                columns.add(name(i));
            }
            query = close + 1;
        }
        pumps.add(new Pump(name(target), target, columns, query, end));
    }

    // --- writing

    /** Views first, each behind those that it reads; then what is written. */
    private void write() throws SqlException {
        Set<String> read = new LinkedHashSet<>();
        for (Pump pump : pumps) {
            read.addAll(reads(pump.from(), pump.to()));
        }
        for (Plain statement : plain) {
            read.addAll(reads(statement.from(), statement.to()));
        }
        Set<String> written = new HashSet<>();
        for (String name : read) {
            view(name, written, new HashSet<>());
        }
        for (Plain statement : plain) {
            if (statement.view().isPresent()) {
                view(statement.view().get(), written, new HashSet<>());
            } else {
                queries.write(text, statement.from(), statement.to());
                text.insert(";\n");
            }
        }
        for (Pump pump : pumps) {
            boolean isRead = read.contains(pump.target());
            if (!isRead) {
                insert(pump);
            }
        }
        for (InApplicationStream stream : streams.values()) {
            if (read.contains(stream.name()) && outputs.contains(stream.name())) {
                String columns = KinesisQuery.list(stream.columns().keySet());
                String name = KinesisQuery.quoted(stream.name());
                text.insert(
                        "INSERT INTO "
                                + name
                                + " ("
                                + columns
                                + ") SELECT "
                                + columns
                                + " FROM "
                                + name
                                + ";\n");
            }
        }
    }

    private void insert(Pump pump) throws SqlException {
        Map<String, String> columns = columns(pump);
        int start = whole.words().get(pump.word()).start();
        text.copy(start, start); // What is wrong with it is told of here.
        text.insert(
                "INSERT INTO "
                        + KinesisQuery.quoted(pump.target())
                        + " ("
                        + KinesisQuery.list(columns.keySet())
                        + ") ");
        queries.writeAs(text, pump.from(), pump.to(), columns, false);
        text.insert(";\n");
    }

    /** What a pump writes: the stream's columns, in the order that the pump names them. */
    private Map<String, String> columns(Pump pump) throws SqlException {
        InApplicationStream stream = streams.get(pump.target());
        if (stream == null) {
            throw refuse(
                    pump.word(),
                    "There is no CREATE OR REPLACE STREAM "
                            + pump.target()
                            + " (...) for this pump to write to");
        }
        if (pump.columns().isEmpty()) {
            return stream.columns();
        }
        Map<String, String> columns = new LinkedHashMap<>();
        for (String column : pump.columns()) {
            String type = stream.columns().get(column);
            if (type == null) {
                throw refuse(
                        pump.word(),
                        "The stream "
                                + stream.name()
                                + " has no column "
                                + column
                                + "; it has "
                                + stream.columns().keySet());
            }
            columns.put(column, type);
        }
        return columns;
    }

    private void view(String name, Set<String> written, Set<String> above) throws SqlException {
        List<Plain> views =
                plain.stream().filter(each -> each.view().equals(Optional.of(name))).toList();
        List<Pump> sources = pumps.stream().filter(pump -> pump.target().equals(name)).toList();
        if (written.contains(name) || (views.isEmpty() && sources.isEmpty())) {
            return;
        }
        if (!above.add(name)) {
            throw refuse(
                    sources.isEmpty() ? views.getFirst().from() : sources.getFirst().word(),
                    "The pumps of " + name + " read, by others, what they write");
        }
        for (Plain view : views) {
            for (String below : reads(view.from() + 1, view.to())) {
                view(below, written, above);
            }
        }
        for (Pump pump : sources) {
            for (String below : reads(pump.from(), pump.to())) {
                view(below, written, above);
            }
        }
        above.remove(name);
        written.add(name);
        for (Plain view : views) {
            queries.write(text, view.from(), view.to());
            text.insert(";\n");
        }
        if (!sources.isEmpty()) {
            step(name, sources);
        }
    }

    private void step(String name, List<Pump> sources) throws SqlException {
        text.insert("CREATE VIEW " + KinesisQuery.quoted(name) + " AS ");
        Map<String, String> first = Map.of();
        for (int i = 0; i < sources.size(); i++) {
            Map<String, String> columns = columns(sources.get(i));
            if (i > 0 && !List.copyOf(first.keySet()).equals(List.copyOf(columns.keySet()))) {
                throw refuse(
                        sources.get(i).word(),
                        "The pumps of "
                                + name
                                + ", which is read, name the same columns in the same"
                                + " order");
            }
            first = i == 0 ? columns : first;
            text.insert(i > 0 ? " UNION ALL " : "");
            queries.writeAs(
                    text, sources.get(i).from(), sources.get(i).to(), columns, needsRowtime(name));
        }
        text.insert(";\n");
    }

    /** Whether who reads a stream asks for its ROWTIME, or orders by it. */
    private boolean needsRowtime(String name) {
        return pumps.stream()
                .filter(pump -> reads(pump.from(), pump.to()).contains(name))
                .anyMatch(pump -> queries.needsRowtime(pump.from(), pump.to()));
    }

    /** The streams and views that words read. */
    private Set<String> reads(int from, int to) {
        Set<String> found = new LinkedHashSet<>();
        Map<String, Boolean> known = new HashMap<>();
        pumps.forEach(pump -> known.put(pump.target(), true));
        plain.forEach(each -> each.view().ifPresent(view -> known.put(view, true)));
        for (int i = from + 1; i < to; i++) {
            Tokens.Word before = whole.words().get(i - 1);
            if ((before.is("FROM") || before.is("JOIN") || before.is(","))
                    && known.containsKey(name(i))) {
                found.add(name(i));
            }
        }
        return found;
    }

    // --- words

    private String word(int at) {
        return at < whole.words().size() ? whole.words().get(at).text() : "";
    }

    private String name(int at) {
        return KinesisQuery.name(word(at));
    }

    private int closing(int open, int end) throws SqlException {
        try {
            int close = whole.closing(open);
            if (close < end) {
                return close;
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        throw refuse(open, "Nothing closes this parenthesis");
    }

    private SqlException refuse(int word, String problem) {
        int offset =
                word < whole.words().size()
                        ? whole.words().get(word).start()
                        : whole.text().length();
        return new SqlException(whole.position(offset), problem);
    }
}
