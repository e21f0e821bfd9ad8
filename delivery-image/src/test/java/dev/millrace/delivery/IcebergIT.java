/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.PostgresServer;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Worker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Rows of a real table of Iceberg, in PostgreSQL and S3, from workers that are killed. */
@ExtendWith({Pool.Shared.class, S3Server.Shared.class, PostgresServer.Shared.class})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class IcebergIT {

    private static final int RECORDS = 1_000;
    private static final int POISON = 4;

    @TempDir private Path directory;

    @Test
    void eachRowIsThereOnceAndPoisonIsInTheBackup(Pool pool, S3Server s3, PostgresServer postgres)
            throws Exception {
        s3.client().createBucket(r -> r.bucket("tables"));
        postgres.execute("CREATE DATABASE catalog");
        String catalogUrl = postgres.jdbcUrl().replace("/postgres", "/catalog");
        Schema schema =
                new Schema(
                        Types.NestedField.required(1, "id", Types.LongType.get()),
                        Types.NestedField.optional(2, "region", Types.StringType.get()),
                        Types.NestedField.optional(3, "at", Types.TimestampType.withZone()),
                        Types.NestedField.optional(
                                4, "tags", Types.ListType.ofOptional(5, Types.StringType.get())));
        Catalog catalog = catalog(s3, catalogUrl);
        ((SupportsNamespaces) catalog).createNamespace(Namespace.of("shop"));
        TableIdentifier name = TableIdentifier.of("shop", "orders");
        catalog.createTable(
                name, schema, PartitionSpec.builderFor(schema).identity("region").build());
        pool.createStream("iceberg", 2);
        List<String> put = new ArrayList<>();
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            put.add(
                    "{\"id\":%d,\"region\":\"r%d\",\"at\":\"2026-11-23T10:00:00Z\",\"tags\":[\"a\"]}"
                            .formatted(i, i % 3));
            expected.add((long) i);
        }
        for (int i = 0; i < POISON; i++) {
            put.add(i % 2 == 0 ? "{\"region\":\"without id\"}" : "no json " + i);
        }
        pool.put("iceberg", put);
        String config = config(s3, catalogUrl);
        Worker.secret(directory, "db", "username", "postgres");
        Worker.secret(directory, "db", "password", "any");
        for (String step : List.of("UPLOADED", "COMPLETION_SENT")) {
            try (Worker dying = Worker.start(directory, pool, config, step, "1")) {
                dying.awaitDeath();
            }
        }
        try (Worker worker = Worker.start(directory, pool, config)) {
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .failFast(worker.log(), () -> !worker.isAlive())
                        .pollInterval(Duration.ofMillis(500))
                        .until(() ->
                                ids(catalog.loadTable(name)).size() >= RECORDS
                                        && errors(s3) >= POISON);
            } catch (org.awaitility.core.ConditionTimeoutException e) {
                throw new AssertionError(worker.log(), e);
            }
        }
        Table table = catalog.loadTable(name);
        assertThat(ids(table)).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(errors(s3)).isEqualTo(POISON);
        assertThat(table.currentSnapshot().summary()).containsKey("millrace.batch");
        ((AutoCloseable) catalog).close();
    }

    @Test
    void theLastRowOfAKeyCounts(Pool pool, S3Server s3, PostgresServer postgres) throws Exception {
        s3.client().createBucket(r -> r.bucket("keyed"));
        postgres.execute("CREATE DATABASE keyed");
        String catalogUrl = postgres.jdbcUrl().replace("/postgres", "/keyed");
        Schema schema =
                new Schema(
                        Types.NestedField.required(1, "sku", Types.StringType.get()),
                        Types.NestedField.optional(2, "n", Types.LongType.get()));
        Catalog catalog = catalog(s3, catalogUrl);
        ((SupportsNamespaces) catalog).createNamespace(Namespace.of("shop"));
        TableIdentifier name = TableIdentifier.of("shop", "orders");
        catalog.createTable(
                name,
                schema,
                PartitionSpec.unpartitioned(),
                "s3://keyed/stock",
                Map.of("format-version", "2"));
        pool.createStream("keyed", 1);
        String config =
                config(s3, catalogUrl)
                        .replace("\"sourceStream\": \"iceberg\"", "\"sourceStream\": \"keyed\"")
                        .replace(
                                "\"table\": \"orders\"",
                                "\"table\": \"orders\", \"uniqueKeys\": [\"sku\"]");
        Worker.secret(directory, "db", "username", "postgres");
        Worker.secret(directory, "db", "password", "any");
        try (Worker worker = Worker.start(directory, pool, config)) {
            for (int round = 0; round < 3; round++) {
                List<String> put = new ArrayList<>();
                for (int i = round * 100; i < round * 100 + 100; i++) {
                    put.add("{\"sku\":\"s%d\",\"n\":%d}".formatted(i % 5, i));
                }
                pool.put("keyed", put);
                long newest = round * 100 + 99;
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .failFast(worker.log(), () -> !worker.isAlive())
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> values(catalog.loadTable(name), "n").contains(newest));
            }
        }
        assertThat(values(catalog.loadTable(name), "n"))
                .containsExactlyInAnyOrder(295L, 296L, 297L, 298L, 299L);
        ((AutoCloseable) catalog).close();
    }

    private static List<Long> ids(Table table) throws Exception {
        return values(table, "id");
    }

    private static List<Long> values(Table table, String column) throws Exception {
        List<Long> ids = new ArrayList<>();
        try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
            records.forEach(record -> ids.add((Long) record.getField(column)));
        }
        return ids;
    }

    private static long errors(S3Server s3) {
        return s3.objects("tables", "failed/iceberg-failed/").values().stream()
                .flatMap(object -> new String(object, StandardCharsets.UTF_8).lines())
                .count();
    }

    private static Catalog catalog(S3Server s3, String url) {
        Map<String, String> properties = new HashMap<>();
        properties.put("type", "jdbc");
        properties.put("uri", url);
        properties.put("jdbc.user", "postgres");
        properties.put("jdbc.password", "any");
        properties.put("jdbc.schema-version", "V1");
        properties.put("warehouse", "s3://tables/warehouse");
        properties.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
        properties.put("http-client.type", "urlconnection");
        properties.put("client.region", "us-east-1");
        properties.put("s3.endpoint", s3.endpoint().toString());
        properties.put("s3.path-style-access", "true");
        properties.put("s3.access-key-id", "key");
        properties.put("s3.secret-access-key", "secret");
        return CatalogUtil.buildIcebergCatalog("millrace", properties, new Configuration(false));
    }

    private static String config(S3Server s3, String catalogUrl) {
        return """
        {"name": "to-iceberg", "uid": "1", "createdAt": "2026-01-01T00:00:00Z",
         "sourceStream": "iceberg",
         "spec": {
          "source": {"type": "Stream", "startingPosition": "TRIM_HORIZON"},
          "destination": {"iceberg": {
           "catalog": {"type": "JDBC", "uri": "%2$s", "warehouse": "s3://tables/warehouse",
            "credentialsSecretRef": {"name": "db"}},
           "store": {"endpoint": "%1$s", "credentialsSecretRef": {"name": "s3"}},
           "tables": [{"database": "shop", "table": "orders"}],
           "buffering": {"sizeMiB": 1, "intervalSeconds": 1}}},
          "backup": {"mode": "FailedDataOnly", "s3": {"endpoint": "%1$s",
           "bucket": "tables", "errorOutputPrefix": "failed/",
           "credentialsSecretRef": {"name": "s3"}}}}}
        """
                .formatted(s3.endpoint(), catalogUrl);
    }
}
