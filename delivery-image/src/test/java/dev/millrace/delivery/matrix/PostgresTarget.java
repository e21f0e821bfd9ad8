/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import dev.millrace.delivery.testing.FaultyHttp;
import dev.millrace.delivery.testing.FaultyTcp;
import dev.millrace.delivery.testing.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** Rows of a table in PostgreSQL. */
final class PostgresTarget implements Target {

    private final Servers servers;
    private final FaultyTcp proxy;
    private final FaultyHttp store;
    private final String bucket = Servers.name("postgresql-backup");
    private final String schema = Servers.name("rows").replace('-', '_');
    private final String table = schema + ".clicks";

    PostgresTarget(Servers servers) throws IOException, SQLException {
        this.servers = servers;
        this.proxy = new FaultyTcp(servers.postgres().port());
        this.store = new FaultyHttp(servers.s3().endpoint());
        servers.s3().client().createBucket(r -> r.bucket(bucket));
        sql(
                "CREATE SCHEMA %1$s; CREATE TABLE %2$s (id bigint NOT NULL, text varchar(10)); CREATE ROLE %1$s LOGIN; GRANT ALL ON SCHEMA %1$s TO %1$s; GRANT ALL ON %2$s TO %1$s"
                        .formatted(schema, table));
    }

    private void sql(String sql) throws SQLException {
        servers.postgres().execute(sql);
    }

    @Override
    public String name() {
        return "PostgreSQL";
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.EXACTLY_ONCE;
    }

    @Override
    public String destination() {
        return """
        {"postgresql": {"jdbcUrl": "jdbc:postgresql://127.0.0.1:%d/postgres", "table": "%s",
          "credentialsSecretRef": {"name": "rows"}, "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}}
        """
                .formatted(proxy.port(), table);
    }

    @Override
    public String more() {
        return Servers.backup(store, bucket);
    }

    @Override
    public void prepare(Path directory) throws IOException {
        Worker.secret(directory, "rows", "username", schema);
        Worker.secret(directory, "rows", "password", "any");
    }

    @Override
    public List<Long> delivered() throws SQLException {
        String name =
                servers.postgres()
                        .query("SELECT coalesce(to_regclass('" + table + "')::text, '')")
                        .getFirst();
        return name.isEmpty()
                ? List.of()
                : servers.postgres().query("SELECT id FROM " + table).stream()
                        .map(Long::valueOf)
                        .toList();
    }

    @Override
    public List<Long> refused() {
        return Ids.inErrors(servers.s3(), bucket);
    }

    @Override
    public List<Trouble> troubles() {
        return List.of(
                Trouble.lasting(
                        "it is down",
                        "PostgreSQL.ConnectionFailed",
                        () -> proxy.down(true),
                        () -> proxy.down(false)),
                Trouble.lasting(
                        "the table is missing",
                        "PostgreSQL.TableNotFound",
                        () -> sql("ALTER TABLE " + table + " RENAME TO hidden"),
                        () -> sql("ALTER TABLE " + schema + ".hidden RENAME TO clicks")),
                Trouble.lasting(
                        "the login is wrong",
                        "PostgreSQL.AuthenticationFailed",
                        () -> sql("ALTER ROLE " + schema + " NOLOGIN"),
                        () -> sql("ALTER ROLE " + schema + " LOGIN")),
                Trouble.lasting(
                        "the user may not write",
                        "PostgreSQL.InsufficientPrivilege",
                        () -> sql("REVOKE ALL ON %s FROM %s".formatted(table, schema)),
                        () -> sql("GRANT ALL ON %s TO %s".formatted(table, schema))),
                Trouble.lasting(
                        "its disk is full (53100)",
                        "PostgreSQL.DiskFull",
                        () ->
                                sql(
                                        "CREATE FUNCTION %1$s.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'No space left' USING ERRCODE = '53100'; END $$; CREATE TRIGGER is_full BEFORE INSERT ON %2$s EXECUTE FUNCTION %1$s.full()"
                                                .formatted(schema, table)),
                        () -> sql("DROP FUNCTION %s.full CASCADE".formatted(schema))),
                Trouble.passing(
                        "the answer to COMMIT is lost",
                        "PostgreSQL.ConnectionFailed",
                        () -> proxy.loseAnswerTo("COMMIT\0")),
                Trouble.poison("rows that it refuses", PostgresTarget::tooLong),
                Trouble.lasting(
                                "the backup is down, too",
                                "InternalError",
                                () -> store.set(Servers.s3Error(503, "SlowDown")),
                                store::mend)
                        .with(PostgresTarget::tooLong));
    }

    private static String tooLong(long id) {
        return "{\"id\":%d,\"text\":\"longer than ten\"}".formatted(id);
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        store.close();
    }
}
