/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import dev.millrace.delivery.testing.FaultyHttp;
import dev.millrace.delivery.testing.FaultyTcp;
import dev.millrace.delivery.testing.RedshiftProxy;
import dev.millrace.delivery.testing.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** Rows that Redshift's driver loads from S3. */
final class RedshiftTarget implements Target {

    private final Servers servers;
    private final RedshiftProxy redshift;
    private final FaultyTcp proxy;
    private final FaultyHttp store;
    private final String bucket = Servers.name("warehouse");
    private final String table = Servers.name("sales").replace('-', '_');

    RedshiftTarget(Servers servers) throws IOException, SQLException {
        this.servers = servers;
        this.redshift = new RedshiftProxy(servers.postgres(), servers.s3());
        this.proxy = new FaultyTcp(redshift.port());
        this.store = new FaultyHttp(servers.s3().endpoint());
        servers.s3().client().createBucket(r -> r.bucket(bucket));
        servers.postgres()
                .execute("CREATE SCHEMA %1$s; CREATE TABLE %1$s.%1$s (id bigint)".formatted(table));
    }

    @Override
    public String name() {
        return "Redshift";
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.EXACTLY_ONCE;
    }

    @Override
    public String destination() {
        return """
        {"redshift": {"jdbcUrl": "%s", "table": "%s.%s", "columns": ["id"],
          "copyOptions": "FORMAT AS JSON 'auto'", "credentialsSecretRef": {"name": "dwh"},
          "s3": {"endpoint": "%s", "bucket": "%s", "prefix": "rows/", "compression": "GZIP",
           "credentialsSecretRef": {"name": "s3"}, "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}}}
        """
                .formatted(
                        RedshiftProxy.jdbcUrl(proxy.port()),
                        table,
                        table,
                        store.endpoint(),
                        bucket);
    }

    @Override
    public String processors() {
        return "[{\"type\": \"AppendDelimiterToRecord\"}]";
    }

    @Override
    public void prepare(Path directory) throws IOException {
        Worker.secret(directory, "dwh", "username", "postgres");
        Worker.secret(directory, "dwh", "password", "any");
    }

    @Override
    public List<Long> delivered() throws SQLException {
        return servers.postgres().query("SELECT id FROM %1$s.%1$s".formatted(table)).stream()
                .map(Long::valueOf)
                .toList();
    }

    @Override
    public List<Trouble> troubles() {
        return List.of(
                Trouble.lasting(
                        "it is down",
                        "Redshift.ConnectionFailed",
                        () -> proxy.down(true),
                        () -> proxy.down(false)),
                Trouble.lasting(
                        "the bucket refuses",
                        "S3.AccessDenied",
                        () -> store.set(Servers.s3Error(403, "AccessDenied")),
                        store::mend),
                Trouble.passing(
                        "the answer to COMMIT is lost",
                        "Redshift.ConnectionFailed",
                        () -> proxy.loseAnswerTo("COMMIT\0")));
    }

    @Override
    public void close() throws Exception {
        proxy.close();
        store.close();
        redshift.close();
    }
}
