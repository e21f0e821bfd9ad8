/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import dev.millrace.delivery.testing.Measured;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.PostgresServer;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.SampleRecords;
import dev.millrace.delivery.testing.Tables;
import dev.millrace.delivery.testing.Worker;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker beside Kafka Connect with Apache Iceberg's sink, the one sink for S3 that is open source
 * and in Maven Central: the same records as Parquet files of a table, per second of CPU time. Runs
 * by its name alone, as {@code bench/run delivery} does; {@code delivery.connect} is a file with
 * the class path of Connect.
 */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class, PostgresServer.Shared.class})
@EnabledIfSystemProperty(named = "delivery.connect", matches = ".+")
class ConnectThroughput {

    private static final int RECORDS = Integer.getInteger("delivery.records", 200_000);
    private static final String STREAM = "tables";

    @TempDir private Path directory;

    @Test
    void measure(Pool pool, S3Server s3, PostgresServer postgres) throws Exception {
        s3.client().createBucket(r -> r.bucket(STREAM));
        postgres.execute("CREATE DATABASE tables");
        String url = "jdbc:postgresql://127.0.0.1:%d/tables".formatted(postgres.port());
        pool.createStream(STREAM, 2);
        SampleRecords.fill(pool, STREAM, RECORDS);
        List<String> lines = new ArrayList<>();
        try (Tables tables = new Tables(s3, url, STREAM)) {
            lines.add(worker(pool, s3, url, tables).of("worker, Iceberg", RECORDS));
            lines.add(connect(pool, s3, url, tables).of("Kafka Connect, Iceberg", RECORDS));
        }
        lines.forEach(System.out::println);
    }

    private Measured worker(Pool pool, S3Server s3, String url, Tables tables) throws Exception {
        Worker.secret(directory, "catalog", "username", "postgres");
        Worker.secret(directory, "catalog", "password", "any");
        String config =
                """
                {"name": "tables", "uid": "1", "createdAt": "2026-01-01T00:00:00Z", "sourceStream": "tables",
                 "spec": {"source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
                  "destination": {"iceberg": {
                   "catalog": {"type": "JDBC", "uri": "%1$s", "warehouse": "s3://tables/warehouse",
                    "credentialsSecretRef": {"name": "catalog"}},
                   "store": {"endpoint": "%2$s", "credentialsSecretRef": {"name": "s3"}},
                   "tableCreation": true,
                   "tables": [{"database": "bench", "table": "worker", "columns": [
                    {"name": "id", "type": "bigint"}, {"name": "customer", "type": "struct<id:string,tier:string>"},
                    {"name": "day", "type": "string"}, {"name": "time", "type": "bigint"},
                    {"name": "amount", "type": "double"}, {"name": "text", "type": "string"}]}],
                   "buffering": {"sizeMiB": 64, "intervalSeconds": 5}}}}}
                """
                        .formatted(url, s3.endpoint());
        long began = System.nanoTime();
        try (Worker worker = Worker.startFast(directory, pool, config)) {
            awaitRows(tables, "worker", worker::isAlive, worker::log);
            return new Measured(Duration.ofNanos(System.nanoTime() - began), worker.cpu());
        }
    }

    private Measured connect(Pool pool, S3Server s3, String url, Tables tables) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", pool.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("control-iceberg", 1, (short) 1))).all().get();
        }
        Path log = directory.resolve("connect.log");
        Process connect =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                Files.readString(Path.of(System.getProperty("delivery.connect")))
                                        .strip(),
                                "org.apache.kafka.connect.cli.ConnectStandalone",
                                workerProperties(pool).toString(),
                                sinkProperties(pool, s3, url).toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        long began = System.nanoTime();
        try {
            awaitRows(tables, "connect", connect::isAlive, () -> Files.readString(log));
            return new Measured(
                    Duration.ofNanos(System.nanoTime() - began),
                    connect.info().totalCpuDuration().orElseThrow());
        } finally {
            connect.destroyForcibly();
            connect.waitFor(30, TimeUnit.SECONDS);
        }
    }

    private Path workerProperties(Pool pool) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        return Files.writeString(
                directory.resolve("connect.properties"),
                """
                bootstrap.servers=%s
                listeners=http://127.0.0.1:%d
                key.converter=org.apache.kafka.connect.storage.StringConverter
                value.converter=org.apache.kafka.connect.json.JsonConverter
                value.converter.schemas.enable=false
                offset.storage.file.filename=%s
                connector.client.config.override.policy=All
                """
                        .formatted(pool.bootstrapServers(), port, directory.resolve("offsets")));
    }

    private Path sinkProperties(Pool pool, S3Server s3, String url) throws IOException {
        return Files.writeString(
                directory.resolve("sink.properties"),
                """
                name=sink
                connector.class=org.apache.iceberg.connect.IcebergSinkConnector
                tasks.max=2
                topics=%s
                consumer.override.auto.offset.reset=earliest
                consumer.override.max.poll.records=5000
                iceberg.tables=bench.connect
                iceberg.tables.auto-create-enabled=true
                iceberg.control.topic=control-iceberg
                iceberg.control.commit.interval-ms=5000
                iceberg.kafka.bootstrap.servers=%s
                iceberg.catalog=millrace
                iceberg.catalog.type=jdbc
                iceberg.catalog.uri=%s
                iceberg.catalog.jdbc.user=postgres
                iceberg.catalog.jdbc.password=any
                iceberg.catalog.jdbc.schema-version=V1
                iceberg.catalog.warehouse=s3://tables/warehouse
                iceberg.catalog.io-impl=org.apache.iceberg.aws.s3.S3FileIO
                iceberg.catalog.http-client.type=urlconnection
                iceberg.catalog.client.region=us-east-1
                iceberg.catalog.s3.endpoint=%s
                iceberg.catalog.s3.path-style-access=true
                iceberg.catalog.s3.access-key-id=key
                iceberg.catalog.s3.secret-access-key=secret
                """
                        .formatted(
                                pool.topic(STREAM), pool.bootstrapServers(), url, s3.endpoint()));
    }

    private interface Alive {
        boolean isAlive();
    }

    private interface Log {
        String read() throws IOException;
    }

    private static void awaitRows(Tables tables, String table, Alive process, Log log)
            throws IOException {
        Awaitility.await()
                .atMost(Duration.ofSeconds(150))
                .pollInterval(Duration.ofMillis(200))
                .failFast(log.read(), () -> !process.isAlive())
                .until(() -> rows(tables, table) >= RECORDS);
    }

    private static long rows(Tables tables, String table) {
        if (!tables.catalog().tableExists(TableIdentifier.of("bench", table))) {
            return 0;
        }
        Snapshot snapshot = tables.table("bench", table).currentSnapshot();
        return snapshot == null
                ? 0
                : Long.parseLong(snapshot.summary().getOrDefault("total-records", "0"));
    }
}
