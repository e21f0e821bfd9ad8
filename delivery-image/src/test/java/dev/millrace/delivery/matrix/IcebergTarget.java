/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import dev.millrace.delivery.testing.FaultyHttp;
import dev.millrace.delivery.testing.FaultyHttp.Fault;
import dev.millrace.delivery.testing.FaultyTcp;
import dev.millrace.delivery.testing.SmallDisk;
import dev.millrace.delivery.testing.Tables;
import dev.millrace.delivery.testing.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Rows of an Iceberg table: a catalog in PostgreSQL, files in S3. */
final class IcebergTarget implements Target {

    private final Servers servers;
    private final FaultyTcp catalog;
    private final FaultyHttp store;
    private final Tables tables;
    private final String bucket = Servers.name("iceberg");
    private final String database = bucket.replace('-', '_');
    private @Nullable SmallDisk disk;

    IcebergTarget(Servers servers) throws IOException, SQLException {
        this.servers = servers;
        this.catalog = new FaultyTcp(servers.postgres().port());
        this.store = new FaultyHttp(servers.s3().endpoint());
        servers.s3().client().createBucket(r -> r.bucket(bucket));
        servers.postgres().execute("CREATE DATABASE " + database);
        this.tables = new Tables(servers.s3(), url(servers.postgres().port()), bucket);
    }

    private String url(int port) {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
    }

    @Override
    public String name() {
        return "Iceberg";
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.EXACTLY_ONCE;
    }

    @Override
    public String destination() {
        return """
        {"iceberg": {"catalog": {"type": "JDBC", "uri": "%s", "warehouse": "s3://%s/warehouse",
           "credentialsSecretRef": {"name": "catalog"}},
          "store": {"endpoint": "%s", "credentialsSecretRef": {"name": "s3"}},
          "tableCreation": true,
          "tables": [{"database": "shop", "table": "orders",
           "columns": [{"name": "id", "type": "bigint"}, {"name": "n", "type": "int"}]}],
          "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}}
        """
                .formatted(url(catalog.port()), bucket, store.endpoint());
    }

    @Override
    public String more() {
        return Servers.backup(store, bucket);
    }

    @Override
    public void prepare(Path directory) throws Exception {
        Worker.secret(directory, "catalog", "username", "postgres");
        Worker.secret(directory, "catalog", "password", "any");
        if (SmallDisk.isPossible() && disk == null) {
            disk = new SmallDisk(Worker.temporaryFiles(directory));
        }
    }

    @Override
    public List<Long> delivered() throws IOException {
        return tables.longs("shop", "orders", "id");
    }

    @Override
    public List<Long> refused() {
        return Ids.inErrors(servers.s3(), bucket);
    }

    @Override
    public List<Trouble> troubles() {
        List<Trouble> troubles =
                new ArrayList<>(
                        List.of(
                                Trouble.lasting(
                                        "the catalog is down",
                                        "Iceberg.CatalogUnavailable",
                                        () -> catalog.down(true),
                                        () -> catalog.down(false)),
                                Trouble.lasting(
                                        "the store answers 503",
                                        "InternalError",
                                        () -> store.set(Servers.s3Error(503, "SlowDown")),
                                        store::mend),
                                Trouble.lasting(
                                        "the key is wrong",
                                        "S3.AccessDenied",
                                        () -> store.set(Servers.s3Error(403, "AccessDenied")),
                                        store::mend),
                                Trouble.passing(
                                        "answers of the store are lost",
                                        "",
                                        () ->
                                                store.set(
                                                        new Fault.LosesAnswers(
                                                                new AtomicInteger(3)))),
                                Trouble.passing(
                                        "the answer to the commit is lost",
                                        // Iceberg tries again, and the batch is found in the table.
                                        "",
                                        () -> catalog.loseAnswerTo("UPDATE iceberg_tables")),
                                Trouble.poison(
                                        "records that are no rows",
                                        id -> "{\"id\":%d,\"n\":\"none\"}".formatted(id))));
        if (SmallDisk.isPossible()) {
            troubles.add(
                    Trouble.lasting(
                            "the worker's disk is full",
                            "Iceberg.WriteFailed",
                            () -> Objects.requireNonNull(disk).fill(),
                            () -> Objects.requireNonNull(disk).clear()));
        }
        return troubles;
    }

    @Override
    public void close() throws Exception {
        catalog.close();
        store.close();
        tables.close();
        if (disk != null) {
            disk.close();
        }
    }
}
