/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.sql;

import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.Destination;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.ErrorOutput;
import dev.millrace.delivery.batch.SealedBatch;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * Copies each batch into a table of PostgreSQL in one transaction, in which the batch is written
 * into a ledger, too: a batch whose answer got lost is not copied again.
 *
 * <p>Rows that the table refuses are found by halving what is copied, and are written to the error
 * output before the transaction commits, so that a crash in between loses none.
 */
public final class PostgresDestination implements Destination {

    /** Firehose has no such destination, and so no name for it. */
    static final String ERROR_TYPE = "postgresql-failed";

    private static final String LEDGER = "millrace_deliveries";
    private static final String STAGED = "millrace_staged";
    private static final String ROW = "millrace_row";

    /** A row on its way. */
    private record Row(String csv, long arrivalMillis, byte[] data) {}

    private final PostgresSettings settings;
    private final ErrorOutput errors;
    private final InstantSource clock;
    private final AtomicBoolean ledgerIsThere = new AtomicBoolean();

    public PostgresDestination(PostgresSettings settings, ErrorOutput errors, InstantSource clock) {
        this.settings = settings;
        this.errors = errors;
        this.clock = clock;
    }

    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return id.toString();
    }

    /** An older row must not be written over a newer one of the same key. */
    @Override
    public boolean isOrdered(BufferKey key) {
        return !settings.keyColumns().isEmpty();
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        try (Connection connection = connect()) {
            makeLedger(connection);
            connection.setAutoCommit(false);
            if (claimed(connection, batch.descriptor().id())) {
                new Load(connection, columns(connection)).load(batch);
                connection.commit();
            }
        } catch (SQLException e) {
            throw new DeliveryException(code(e), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new DeliveryException("PostgreSQL.NoCredentials", e.toString(), e);
        }
    }

    @Override
    public void close() {
        // A connection lives as long as a batch.
    }

    private Connection connect() throws SQLException, IOException {
        Properties properties = new Properties();
        properties.setProperty("user", settings.credentials().require("username"));
        properties.setProperty("password", settings.credentials().require("password"));
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("loginTimeout", "15");
        properties.setProperty("socketTimeout", "180");
        properties.setProperty("ApplicationName", "millrace-delivery");
        return DriverManager.getConnection(settings.jdbcUrl(), properties);
    }

    // --- the ledger

    private void makeLedger(Connection connection) throws SQLException {
        if (ledgerIsThere.get()) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            String ledger = settings.table().beside(LEDGER);
            connection.setAutoCommit(false);
            // Two that make the table at once would fail, whatever IF NOT EXISTS says.
            statement.execute("SELECT pg_advisory_xact_lock(hashtext('" + LEDGER + "'))");
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS "
                            + ledger
                            + " (batch uuid PRIMARY KEY, delivered_at timestamptz NOT NULL)");
            // No batch is tried for so long: no source keeps its records longer.
            statement.execute(
                    "DELETE FROM " + ledger + " WHERE delivered_at < now() - interval '370 days'");
            connection.commit();
        }
        ledgerIsThere.set(true);
    }

    /** Whether nobody has delivered the batch; waits for somebody who is about to. */
    private boolean claimed(Connection connection, BatchId id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO "
                                + settings.table().beside(LEDGER)
                                + " VALUES (?, now()) ON CONFLICT DO NOTHING")) {
            statement.setObject(1, id.value());
            return statement.executeUpdate() == 1;
        }
    }

    // --- the table

    /** The columns that are told, or those that the table does not fill by itself. */
    private List<String> columns(Connection connection) throws SQLException {
        if (!settings.columns().isEmpty()) {
            return settings.columns();
        }
        List<String> columns = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        // The catalog itself, which also shows what the user may not use: then
                        // COPY says so.
                        """
                        SELECT a.attname FROM pg_catalog.pg_attribute a
                        LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                        WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
                          AND a.attidentity = '' AND a.attgenerated = ''
                          AND coalesce(pg_get_expr(d.adbin, d.adrelid), '') NOT LIKE 'nextval(%'
                        ORDER BY a.attnum
                        """)) {
            statement.setString(1, settings.table().sql());
            try (ResultSet results = statement.executeQuery()) {
                while (results.next()) {
                    columns.add(results.getString(1));
                }
            }
        }
        if (columns.isEmpty()) {
            throw new SQLException("There is no table " + settings.table().sql(), "42P01");
        }
        return columns;
    }

    /** One batch's way into the table. */
    private final class Load {
        private final Connection connection;
        private final CsvRows csv;
        private final List<String> quoted;
        private final String columns;
        private final List<ErrorLine> refused = new ArrayList<>();

        Load(Connection connection, List<String> columns) {
            this.connection = connection;
            this.csv = new CsvRows(columns);
            this.quoted = columns.stream().map(TableName::quoted).toList();
            this.columns = String.join(", ", quoted);
        }

        void load(SealedBatch batch) throws SQLException, DeliveryException {
            List<Row> rows = new ArrayList<>(batch.payload().count());
            batch.payload()
                    .forEachRecord((_, _, arrival, data) -> {
                        try {
                            rows.add(new Row(csv.line(data), arrival, data));
                        } catch (IOException e) {
                            refuse(
                                    new Row("", arrival, data),
                                    "PostgreSQL.InvalidRecord",
                                    "no JSON object: " + e.getMessage());
                        }
                    });
            if (!rows.isEmpty()) {
                write(rows);
            }
            if (!refused.isEmpty()) {
                errors.writeErrors(batch.descriptor(), ERROR_TYPE, refused);
            }
        }

        private void write(List<Row> rows) throws SQLException {
            Savepoint before = connection.setSavepoint();
            try {
                if (settings.keyColumns().isEmpty()) {
                    copy(settings.table().sql(), rows);
                } else {
                    upsert(rows);
                }
                connection.releaseSavepoint(before);
            } catch (SQLException e) {
                if (!isOfARow(e)) {
                    throw e;
                }
                connection.rollback(before);
                if (rows.size() == 1) {
                    refuse(
                            rows.getFirst(),
                            String.valueOf(e.getSQLState()),
                            String.valueOf(e.getMessage()));
                } else {
                    write(rows.subList(0, rows.size() / 2));
                    write(rows.subList(rows.size() / 2, rows.size()));
                }
            }
        }

        private void copy(String table, List<Row> rows) throws SQLException {
            StringBuilder lines = new StringBuilder();
            rows.forEach(row -> lines.append(row.csv()));
            String sql =
                    "COPY %s (%s) FROM STDIN WITH (FORMAT csv, NULL '%s')"
                            .formatted(table, columns, csv.nullText());
            try {
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(sql, new StringReader(lines.toString()));
            } catch (IOException e) {
                throw new SQLException("Cannot copy: " + e, "08006", e);
            }
        }

        /** The last row of a key is the one that counts. */
        private void upsert(List<Row> rows) throws SQLException {
            String keys =
                    settings.keyColumns().stream()
                            .map(TableName::quoted)
                            .collect(Collectors.joining(", "));
            try (Statement statement = connection.createStatement()) {
                statement.execute("DROP TABLE IF EXISTS pg_temp." + STAGED);
                statement.execute(
                        "CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %s WITH NO DATA"
                                .formatted(STAGED, columns, settings.table().sql()));
                statement.execute("ALTER TABLE pg_temp." + STAGED + " ADD " + ROW + " bigserial");
                copy("pg_temp." + STAGED, rows);
                statement.execute(
                        "INSERT INTO %1$s (%2$s) SELECT DISTINCT ON (%3$s) %2$s FROM pg_temp.%4$s ORDER BY %3$s, %5$s DESC ON CONFLICT (%3$s) DO %6$s"
                                .formatted(
                                        settings.table().sql(),
                                        columns,
                                        keys,
                                        STAGED,
                                        ROW,
                                        update()));
                statement.execute("DROP TABLE pg_temp." + STAGED);
            }
        }

        private String update() {
            String sets =
                    quoted.stream()
                            .filter(column ->
                                    settings.keyColumns().stream()
                                            .noneMatch(key -> TableName.quoted(key).equals(column)))
                            .map(column -> column + " = EXCLUDED." + column)
                            .collect(Collectors.joining(", "));
            return sets.isEmpty() ? "NOTHING" : "UPDATE SET " + sets;
        }

        private void refuse(Row row, String code, String message) {
            refused.add(
                    new ErrorLine(
                            ERROR_TYPE,
                            1,
                            Instant.ofEpochMilli(row.arrivalMillis()),
                            code,
                            message,
                            clock.instant(),
                            row.data(),
                            Map.of()));
        }
    }

    /** Data that is not of its column's type, or that a constraint refuses. */
    private static boolean isOfARow(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }

    private static String code(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String code =
                switch (state) {
                    case "42P01" -> "TableNotFound";
                    case "42703" -> "ColumnNotFound";
                    case "42501" -> "InsufficientPrivilege";
                    case "53100" -> "DiskFull";
                    case "3D000" -> "DatabaseNotFound";
                    default -> {
                        if (state.startsWith("08") || state.startsWith("57P")) {
                            yield "ConnectionFailed";
                        }
                        yield state.startsWith("28") ? "AuthenticationFailed" : state;
                    }
                };
        return "PostgreSQL." + code;
    }
}
