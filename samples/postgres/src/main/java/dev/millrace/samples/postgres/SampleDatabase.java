/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.samples.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/**
 * PostgreSQL on port 5432 with a login, the table that a sample delivers to, and the one that a
 * sample joins with.
 */
public final class SampleDatabase {

    /** Passwords for who comes from elsewhere. */
    private static final String ACCESS =
            """
            local all all trust
            host all all 127.0.0.1/32 trust
            host all all 0.0.0.0/0 scram-sha-256
            host all all ::/0 scram-sha-256
            """;

    /** Those of the sample producers' orders. */
    private static final String CUSTOMERS =
            """
            INSERT INTO shop.customers
            SELECT place - 1, name, CASE WHEN place % 3 = 1 THEN 'gold' ELSE 'basic' END
            FROM unnest(ARRAY['Ada', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn', 'Gus', 'Hana', 'Ida', 'Jan'])
              WITH ORDINALITY AS customer (name, place)
            """;

    private SampleDatabase() {}

    /** Variables: SAMPLE_USER and SAMPLE_PASSWORD. Runs until it is killed. */
    public static void main(String[] args) throws IOException, SQLException, InterruptedException {
        String user = variable("SAMPLE_USER");
        String password = variable("SAMPLE_PASSWORD");
        Path access = Files.writeString(Files.createTempFile("access", ".conf"), ACCESS);
        try (EmbeddedPostgres postgres =
                        EmbeddedPostgres.builder()
                                .setPort(5432)
                                .setServerConfig("listen_addresses", "*")
                                .setServerConfig("hba_file", access.toString())
                                .setServerConfig("shared_buffers", "16MB")
                                .start();
                Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE ROLE %s LOGIN PASSWORD '%s'"
                            .formatted(
                                    statement.enquoteIdentifier(user, true),
                                    password.replace("'", "''")));
            statement.execute(
                    "CREATE SCHEMA shop AUTHORIZATION " + statement.enquoteIdentifier(user, true));
            statement.execute("SET ROLE " + statement.enquoteIdentifier(user, true));
            statement.execute(
                    "CREATE TABLE shop.clicks (at timestamptz, page text, customer int, more jsonb)");
            statement.execute(
                    "CREATE TABLE shop.customers (id bigint PRIMARY KEY, name text, tier text)");
            statement.execute(CUSTOMERS);
            System.out.println("PostgreSQL is ready");
            Thread.currentThread().join();
        }
    }

    private static String variable(String name) {
        return Objects.requireNonNull(System.getenv(name), name + " is not set");
    }
}
