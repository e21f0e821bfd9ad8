/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs queries on Trino. One thread uses it. */
public final class TrinoQueries implements AutoCloseable {

    /** The driver tries for ever to reach a server that is gone. */
    private static final Duration QUERY_MAX = Duration.ofMinutes(5);

    private static final Pattern PLACE =
            Pattern.compile("line (\\d+):(\\d+): (.*)", Pattern.DOTALL);

    private final String url;
    private final Properties properties;
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
        if (open != null) {
            try {
                open.close();
            } catch (SQLException _) {
                // Nothing depends on it.
            }
        }
    }
}
