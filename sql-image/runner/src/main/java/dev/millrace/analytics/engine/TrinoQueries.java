/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import dev.millrace.analytics.progress.TableWrite;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs queries on Trino. One thread uses it. */
public final class TrinoQueries implements AutoCloseable {

    /** The driver tries for ever to reach a server that is gone. */
    private static final Duration QUERY_MAX = Duration.ofMinutes(5);

    private static final Duration WRITES_END_BY_THEMSELVES = Duration.ofSeconds(20);

    private static final Pattern PLACE =
            Pattern.compile("line (\\d+):(\\d+): (.*)", Pattern.DOTALL);

    private final String url;
    private final Properties properties;
    private final Set<String> mergingCatalogs = new HashSet<>();
    private @Nullable Connection connection;

    /** Takes the rows of a result. */
    public interface Rows<E extends Exception> {
        void read(ResultSet rows) throws SQLException, E;
    }

    /**
     * What Trino says is wrong with a query.
     *
     * @param line where, from 1 on
     * @param column where, from 1 on
     */
    record Complaint(int line, int column, String problem) {}

    /**
     * @param url {@code jdbc:trino://host:port/millrace/default}
     * @param properties of the driver; their {@code source} is of this application only
     */
    public TrinoQueries(String url, Properties properties) {
        this.url = url;
        this.properties = (Properties) properties.clone();
    }

    /** Runs a query and hands its rows on. */
    public <E extends Exception> void query(String sql, Rows<E> rows) throws SQLException, E {
        try (Statement statement = connection().createStatement()) {
            statement.setQueryTimeout((int) QUERY_MAX.toSeconds());
            try (ResultSet result = statement.executeQuery(sql)) {
                rows.read(result);
            }
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    /** What a query calls its columns. It is run, so give it nothing to read. */
    List<String> labels(String sql) throws SQLException {
        List<String> labels = new ArrayList<>();
        this.<RuntimeException>query(
                sql,
                rows -> {
                    ResultSetMetaData columns = rows.getMetaData();
                    for (int i = 1; i <= columns.getColumnCount(); i++) {
                        labels.add(columns.getColumnLabel(i));
                    }
                });
        return labels;
    }

    /**
     * Runs a statement that writes, unless it was run before.
     *
     * @return how many rows it wrote
     */
    long write(TableWrite write) throws SQLException {
        if (write.written().isPresent()) {
            boolean[] found = {false};
            this.<RuntimeException>query(write.written().get(), rows -> found[0] = rows.next());
            if (found[0]) {
                return 0;
            }
        }
        allowMerge(write.catalog());
        try (Statement statement = connection().createStatement()) {
            statement.setQueryTimeout((int) QUERY_MAX.toSeconds());
            return statement.executeUpdate(write.statement());
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    /** Runs a statement that gives no rows. */
    private void execute(String sql) throws SQLException {
        try (Statement statement = connection().createStatement()) {
            statement.setQueryTimeout((int) QUERY_MAX.toSeconds());
            statement.execute(sql);
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    /** Connectors of databases merge row by row, and want to be told that this is known. */
    private void allowMerge(String catalog) throws SQLException {
        if (mergingCatalogs.contains(catalog)) {
            return;
        }
        boolean[] found = {false};
        this.<RuntimeException>query(
                "SHOW SESSION LIKE '" + catalog + ".non\\_transactional\\_merge' ESCAPE '\\'",
                rows -> found[0] = rows.next());
        if (found[0]) {
            execute("SET SESSION " + catalog + ".non_transactional_merge = true");
        }
        mergingCatalogs.add(catalog);
    }

    /**
     * Waits until no statement that writes is run any more for this application: one of a process
     * that was killed may still be.
     *
     * @throws SQLException if Trino could not be asked, or one does not end though it was told to
     */
    void awaitWritesEnded() throws SQLException, InterruptedException {
        long killAt = System.nanoTime() + WRITES_END_BY_THEMSELVES.toNanos();
        long end = killAt + WRITES_END_BY_THEMSELVES.toNanos();
        while (true) {
            List<String> running = new ArrayList<>();
            this.<RuntimeException>query(
                    "SELECT query_id FROM system.runtime.queries WHERE source = '"
                            + properties.getProperty("source", "").replace("'", "''")
                            + "' AND state NOT IN ('FINISHED', 'FAILED')"
                            + " AND (query LIKE 'INSERT INTO %' OR query LIKE 'MERGE INTO %')",
                    rows -> {
                        while (rows.next()) {
                            running.add(rows.getString(1));
                        }
                    });
            if (running.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new SQLException("Still runs, though it was killed: " + running);
            }
            if (System.nanoTime() > killAt) {
                for (String query : running) {
                    execute(
                            "CALL system.runtime.kill_query('"
                                    + query
                                    + "', 'The application has begun anew')");
                }
            }
            Thread.sleep(Duration.ofMillis(200));
        }
    }

    /** The one point in time that a query gives, milliseconds since 1970. */
    OptionalLong time(String sql) throws SQLException {
        long[] found = {Long.MIN_VALUE};
        this.<RuntimeException>query(
                "SELECT CAST(to_unixtime(t) * 1000 AS bigint) FROM (" + sql + ") AS x(t)",
                rows -> {
                    if (rows.next()) {
                        long millis = rows.getLong(1);
                        found[0] = rows.wasNull() ? Long.MIN_VALUE : millis;
                    }
                });
        return found[0] == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(found[0]);
    }

    /** Lets Trino check a statement that writes. */
    Optional<Complaint> check(TableWrite write) throws SQLException {
        allowMerge(write.catalog());
        // The place is one in our statement, not in what the user wrote.
        return check(write.statement())
                .map(complaint ->
                        new Complaint(1, 1, "Into " + write.output() + ": " + complaint.problem()));
    }

    /**
     * Lets Trino check a query.
     *
     * @return what is wrong; none if it is right
     * @throws SQLException if Trino could not be asked
     */
    Optional<Complaint> check(String sql) throws SQLException {
        String prefix = "EXPLAIN (TYPE VALIDATE) ";
        try {
            this.<RuntimeException>query(prefix + sql, ResultSet::next);
            return Optional.empty();
        } catch (SQLException e) {
            Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
            if (place.find()) {
                int line = Integer.parseInt(place.group(1));
                int column = Integer.parseInt(place.group(2));
                return Optional.of(
                        new Complaint(
                                line,
                                line == 1 ? Math.max(1, column - prefix.length()) : column,
                                place.group(3)));
            }
            if (isOfTheQuery(e)) {
                return Optional.of(
                        new Complaint(
                                1,
                                1,
                                String.valueOf(e.getMessage())
                                        .replaceFirst("^Query failed \\(#[^)]*\\): ", "")));
            }
            throw e;
        }
    }

    /**
     * Whether it is the query that fails, and not Trino. Trino numbers errors of users below
     * 65,536.
     */
    static boolean isOfTheQuery(SQLException e) {
        return e.getErrorCode() > 0 && e.getErrorCode() < 0x1_0000;
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = DriverManager.getConnection(url, properties);
            connection = open;
        }
        return open;
    }

    /** The next query connects anew. */
    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        mergingCatalogs.clear();
        if (open != null) {
            try {
                open.close();
            } catch (SQLException _) {
                // Nothing depends on it.
            }
        }
    }
}
