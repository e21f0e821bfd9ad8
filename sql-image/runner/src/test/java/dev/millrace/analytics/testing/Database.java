/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A PostgreSQL, a process of its own, which Trino has as the catalog {@code crm}. */
public final class Database implements AutoCloseable {

    /** Gives tests the one database of a run, made known to the shared Trino. */
    public static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Database.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(Namespace.create(Database.class))
                    .computeIfAbsent(
                            Database.class, _ -> start(Trino.shared(context)), Database.class);
        }
    }

    private final EmbeddedPostgres server;

    private Database(EmbeddedPostgres server) {
        this.server = server;
    }

    private static Database start(Trino trino) {
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder().start();
            trino.query(
                    """
                    CREATE CATALOG crm USING postgresql WITH ("connection-url" = 'jdbc:postgresql://127.0.0.1:%d/postgres',
                      "connection-user" = 'postgres', "connection-password" = 'any')
                    """
                            .formatted(server.getPort()));
            return new Database(server);
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("No PostgreSQL: " + e, e);
        }
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
