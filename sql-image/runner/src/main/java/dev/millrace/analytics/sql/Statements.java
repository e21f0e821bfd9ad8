/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.CreateView;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Insert;
import io.trino.sql.tree.NodeLocation;
import io.trino.sql.tree.Statement;
import io.trino.sql.tree.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The statements of an application's text, which {@code ;} divides: {@code INSERT INTO output
 * SELECT ...}, and {@code CREATE VIEW name AS SELECT ...}, which names a step that later statements
 * read. A view's text is put in front of the queries that use it.
 */
final class Statements {

    /**
     * One INSERT.
     *
     * @param output the name of what it writes to, as written
     * @param columns the output's columns; those of the query if none
     * @param query the query with the views that it uses
     */
    record Insertion(List<String> output, List<String> columns, Source query) {}

    private static final SqlParser PARSER = new SqlParser();

    private final Source text;
    private final Tokens whole;
    private final Map<String, View> views = new LinkedHashMap<>();
    private final List<Insertion> insertions = new ArrayList<>();

    private record View(String quotedName, int start, int end) {}

    private Statements(Source text) {
        this.text = text;
        this.whole = Tokens.of(text.text());
    }

    /**
     * @throws SqlException if the text is no SQL, or holds other statements
     */
    static List<Insertion> read(Source text) throws SqlException {
        Statements statements = new Statements(text);
        int first = 0;
        List<Tokens.Word> words = statements.whole.words();
        for (int i = 0; i <= words.size(); i++) {
            if (i == words.size() || words.get(i).text().equals(";")) {
                if (i > first) {
                    statements.statement(first, i);
                }
                first = i + 1;
            }
        }
        if (statements.insertions.isEmpty()) {
            throw new SqlException(
                    new SqlException.Position(1, 1),
                    "There is no INSERT INTO ... SELECT ..., so that nothing would be written");
        }
        return statements.insertions;
    }

    private void statement(int first, int end) throws SqlException {
        Source source =
                Source.of(
                        whole, whole.words().get(first).start(), whole.words().get(end - 1).end());
        Source written = source.behind(text);
        switch (parse(written)) {
            case Insert insert -> insertion(insert, source, first, end);
            case CreateView view -> view(view, source, first, end);
            case Statement other ->
                    throw written.refuse(
                            other.getLocation(),
                            "An application has INSERT INTO ... SELECT ... and CREATE VIEW ... AS"
                                    + " SELECT ..., not "
                                    + whole.words().get(first).text().toUpperCase(Locale.ROOT));
        }
    }

    /** Parses a text; what is wrong is told of the place in the application's text. */
    static Statement parse(Source source) throws SqlException {
        try {
            return PARSER.createStatement(source.text());
        } catch (ParsingException e) {
            throw source.refuse(
                    Optional.of(new NodeLocation(e.getLineNumber(), e.getColumnNumber())),
                    e.getErrorMessage());
        }
    }

    private void insertion(Insert insert, Source source, int first, int end) throws SqlException {
        int query = queryStart(source, insert.getQuery().getLocation(), first);
        insertions.add(
                new Insertion(
                        insert.getTarget().getOriginalParts().stream()
                                .map(Identifier::getValue)
                                .toList(),
                        insert.getColumns()
                                .map(columns -> columns.stream().map(Identifier::getValue).toList())
                                .orElse(List.of()),
                        withViews(query, whole.words().get(end - 1).end(), insert)));
    }

    private void view(CreateView view, Source source, int first, int end) throws SqlException {
        if (view.getName().getOriginalParts().size() > 1) {
            throw source.behind(text)
                    .refuse(
                            view.getLocation(),
                            "A view of an application has a plain name, not " + view.getName());
        }
        Identifier name = view.getName().getOriginalParts().getFirst();
        String key = name.getValue().toLowerCase(Locale.ROOT);
        if (views.containsKey(key) && !view.isReplace()) {
            throw source.behind(text)
                    .refuse(view.getLocation(), "There are two views " + name.getValue());
        }
        views.remove(key);
        views.put(
                key,
                new View(
                        '"' + name.getValue().replace("\"", "\"\"") + '"',
                        queryStart(source, view.getQuery().getLocation(), first),
                        whole.words().get(end - 1).end()));
    }

    /** Where in the whole text a statement's query begins. */
    private int queryStart(Source source, Optional<NodeLocation> location, int first) {
        return location.map(at -> source.origin(Tokens.of(source.text()).offset(at)))
                .orElse(whole.words().get(first).start());
    }

    /** The query with all views in front that it may use, as steps of its WITH. */
    private Source withViews(int start, int end, Insert insert) {
        List<View> used = new ArrayList<>();
        List<String> names =
                new ArrayList<>(
                        Nodes.all(insert.getQuery(), Table.class).stream()
                                .map(table -> table.getName().getSuffix().toLowerCase(Locale.ROOT))
                                .toList());
        List<Map.Entry<String, View>> all = new ArrayList<>(views.entrySet());
        for (int i = all.size() - 1; i >= 0; i--) {
            View view = all.get(i).getValue();
            if (names.contains(all.get(i).getKey())) {
                used.addFirst(view);
                Tokens.of(whole.text().substring(view.start(), view.end())).words().stream()
                        .map(word -> word.text().replace("\"", "").toLowerCase(Locale.ROOT))
                        .forEach(names::add);
            }
        }
        Source.Builder query = new Source.Builder(whole);
        int from = start;
        if (!used.isEmpty()) {
            boolean hasWith = whole.text().regionMatches(true, start, "WITH", 0, "WITH".length());
            query.insert("WITH ");
            for (int i = 0; i < used.size(); i++) {
                query.insert((i > 0 ? ", " : "") + used.get(i).quotedName() + " AS (");
                query.copy(used.get(i).start(), used.get(i).end());
                query.insert(")");
            }
            query.insert(hasWith ? ", " : " ");
            from = hasWith ? start + "WITH".length() : start;
        }
        query.copy(from, end);
        return query.build().behind(text);
    }
}
