/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.delivery.batch.BatchDescriptor;
import dev.millrace.delivery.batch.BatchId;
import dev.millrace.delivery.batch.BufferKey;
import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.batch.ErrorLine;
import dev.millrace.delivery.batch.ErrorOutput;
import dev.millrace.delivery.batch.RefusingDestination;
import dev.millrace.delivery.batch.SealedBatch;
import dev.millrace.delivery.s3.S3Destination;
import dev.millrace.delivery.secret.MountedSecret;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Writes each batch to a bucket, and then tells Redshift to load it by a manifest, in a transaction
 * with an entry in a ledger table: a COPY whose answer got lost is not done again. The ledger is
 * locked meanwhile, so that one COPY is done at a time.
 *
 * <p>A batch that cannot be loaded in time is skipped, and its manifest is left below {@code
 * errors/} to be loaded by hand. Objects are never deleted.
 */
public final class RedshiftDestination implements RefusingDestination, ErrorOutput {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LEDGER = "millrace_deliveries";

    private final RedshiftSettings settings;
    private final S3Destination bucket;

    /**
     * @param bucket where objects lie that Redshift loads
     */
    public RedshiftDestination(RedshiftSettings settings, S3Destination bucket) {
        this.settings = settings;
        this.bucket = bucket;
    }

    /** The key of the object. */
    @Override
    public String nameOf(BufferKey key, Instant oldestArrival, BatchId id) {
        return bucket.nameOf(key, oldestArrival, id);
    }

    @Override
    public String errorType() {
        return "redshift-failed";
    }

    @Override
    public void deliver(SealedBatch batch) throws DeliveryException {
        if (batch.payload().count() == 0) {
            return;
        }
        bucket.deliver(batch);
        String manifest = "manifests/" + batch.descriptor().name();
        bucket.write(manifest, manifest(batch.descriptor()));
        try (Connection connection = connect()) {
            makeLedger(connection);
            connection.setAutoCommit(false);
            if (isToBeLoaded(connection, batch.descriptor().id())) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(copy(manifest));
                }
                note(connection, batch.descriptor().id());
            }
            connection.commit();
        } catch (SQLException e) {
            throw new DeliveryException(code(e), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new DeliveryException("Redshift.AuthenticationFailed", e.toString(), e);
        }
    }

    /** Leaves the manifest of a batch that is skipped; its records lie in the bucket. */
    @Override
    public void writeErrors(BatchDescriptor batch, String errorType, List<ErrorLine> lines)
            throws DeliveryException {
        bucket.write("errors/manifests/" + batch.name(), manifest(batch));
    }

    @Override
    public void close() {
        // The bucket is closed by who opened it; a connection lives as long as a batch.
    }

    private byte[] manifest(BatchDescriptor batch) {
        ObjectNode manifest = JSON.createObjectNode();
        manifest.putArray("entries")
                .addObject()
                .put("url", "s3://" + settings.bucket() + "/" + batch.name())
                .put("mandatory", true);
        try {
            return JSON.writeValueAsBytes(manifest);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write a manifest", e);
        }
    }

    private Connection connect() throws SQLException, IOException {
        Properties properties = new Properties();
        properties.setProperty("user", settings.credentials().require("username"));
        properties.setProperty("password", settings.credentials().require("password"));
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("loginTimeout", "30");
        properties.setProperty("socketTimeout", "1800");
        return DriverManager.getConnection(settings.jdbcUrl(), properties);
    }

    private void makeLedger(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS "
                            + settings.table().beside(LEDGER)
                            + " (batch varchar(64) NOT NULL, delivered_at timestamp NOT NULL)");
        }
    }

    /** Locks the ledger up to the end of the transaction. */
    private boolean isToBeLoaded(Connection connection, BatchId id) throws SQLException {
        String ledger = settings.table().beside(LEDGER);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + ledger);
        }
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM " + ledger + " WHERE batch = ?")) {
            statement.setString(1, id.toString());
            try (ResultSet found = statement.executeQuery()) {
                return !found.next();
            }
        }
    }

    private void note(Connection connection, BatchId id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO "
                                + settings.table().beside(LEDGER)
                                + " VALUES (?, current_timestamp)")) {
            statement.setString(1, id.toString());
            statement.executeUpdate();
        }
    }

    private String copy(String manifest) throws IOException {
        StringBuilder sql = new StringBuilder("COPY ").append(settings.table().sql());
        if (!settings.columns().isEmpty()) {
            sql.append(
                    settings.columns().stream()
                            .map(TableName::quoted)
                            .collect(Collectors.joining(", ", " (", ")")));
        }
        sql.append(" FROM ").append(text("s3://" + settings.bucket() + "/" + manifest));
        sql.append(authorization());
        String options = settings.copyOptions();
        String upper = options.toUpperCase(Locale.ROOT);
        if (!upper.contains("REGION")) {
            sql.append(" REGION ").append(text(settings.region()));
        }
        sql.append(" MANIFEST");
        if (settings.gzip() && !upper.contains("GZIP")) {
            sql.append(" GZIP");
        }
        return sql.append(' ').append(options).toString().strip();
    }

    private String authorization() throws IOException {
        if (settings.iamRole().isPresent()) {
            return " IAM_ROLE " + text(settings.iamRole().get());
        }
        Optional<MountedSecret> secret = settings.bucketCredentials();
        if (secret.isEmpty()) {
            return " IAM_ROLE default";
        }
        String keys =
                " ACCESS_KEY_ID %s SECRET_ACCESS_KEY %s"
                        .formatted(
                                text(secret.get().require("accessKeyId")),
                                text(secret.get().require("secretAccessKey")));
        Optional<String> token = secret.get().get("sessionToken");
        return token.isPresent() ? keys + " SESSION_TOKEN " + text(token.get()) : keys;
    }

    private static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    private static String code(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String message = String.valueOf(e.getMessage());
        if (message.contains("S3ServiceException")) {
            return "Redshift.S3BucketAccessDenied";
        }
        String code =
                switch (state) {
                    case "42P01" -> "TableNotFound";
                    case "42703" -> "ColumnNotFound";
                    case "42601" -> "SyntaxError";
                    case "42501" -> "InsufficientPrivilege";
                    case "3D000" -> "DatabaseNotFound";
                    case "53100" -> "DiskFull";
                    case "25006" -> "ReadOnlyCluster";
                    default -> {
                        if (state.startsWith("08")) {
                            yield "ConnectionFailed";
                        }
                        yield state.startsWith("28") ? "AuthenticationFailed" : "DataLoadFailed";
                    }
                };
        return "Redshift." + code;
    }
}
