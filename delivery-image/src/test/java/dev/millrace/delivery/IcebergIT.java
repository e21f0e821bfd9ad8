/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.PostgresServer;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.Tables;
import dev.millrace.delivery.testing.Worker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
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
@Timeout(300)
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
        Tables tables = new Tables(s3, catalogUrl, "tables");
        Catalog catalog = tables.catalog();
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
                        .atMost(Duration.ofSeconds(120))
                        .failFast(worker.log(), () -> !worker.isAlive())
                        .pollInterval(Duration.ofMillis(500))
                        .until(() ->
                                tables.longs("shop", "orders", "id").size() >= RECORDS
                                        && errors(s3) >= POISON);
            } catch (org.awaitility.core.ConditionTimeoutException e) {
                throw new AssertionError(worker.log(), e);
            }
        }
        assertThat(tables.longs("shop", "orders", "id"))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(errors(s3)).isEqualTo(POISON);
        assertThat(tables.table("shop", "orders").currentSnapshot().summary())
                .containsKey("millrace.batch");
        tables.close();
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
        Tables tables = new Tables(s3, catalogUrl, "tables");
        Catalog catalog = tables.catalog();
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
                        .atMost(Duration.ofSeconds(120))
                        .failFast(worker.log(), () -> !worker.isAlive())
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> tables.longs("shop", "orders", "n").contains(newest));
            }
        }
        assertThat(tables.longs("shop", "orders", "n"))
                .containsExactlyInAnyOrder(295L, 296L, 297L, 298L, 299L);
        tables.close();
    }

    @Test
    void aTableIsMadeAndGetsTheColumnsOfNewFieldsAndWiderOnes(
            Pool pool, S3Server s3, PostgresServer postgres) throws Exception {
        s3.client().createBucket(r -> r.bucket("growing"));
        postgres.execute("CREATE DATABASE growing");
        String catalogUrl = postgres.jdbcUrl().replace("/postgres", "/growing");
        pool.createStream("growing", 1);
        Worker.secret(directory, "db", "username", "postgres");
        Worker.secret(directory, "db", "password", "any");
        String made =
                config(s3, catalogUrl)
                        .replace("\"sourceStream\": \"iceberg\"", "\"sourceStream\": \"growing\"")
                        .replace("s3://tables/", "s3://growing/")
                        .replace(
                                "\"table\": \"orders\"",
                                "\"table\": \"orders\", \"columns\": [{\"name\": \"id\", \"type\": \"int\"}]")
                        .replace("\"tables\": [", "\"tableCreation\": true, \"tables\": [");
        try (Tables tables = new Tables(s3, catalogUrl, "growing")) {
            pool.put("growing", List.of("{\"id\":1,\"unknown\":2}"));
            try (Worker worker = Worker.start(directory, pool, made)) {
                await(worker, () -> tables.values("shop", "orders", "id").size() == 1);
            }
            assertThat(tables.table("shop", "orders").schema().columns())
                    .extracting(Object::toString)
                    .containsExactly("1: id: optional int");

            // The declared columns: one is wider, one is new.
            String declared =
                    made.replace("\"tableCreation\": true", "\"schemaEvolution\": true")
                            .replace(
                                    "{\"name\": \"id\", \"type\": \"int\"}",
                                    "{\"name\": \"id\", \"type\": \"bigint\"}, {\"name\": \"region\", \"type\": \"string\"}");
            pool.put("growing", List.of("{\"id\":9007199254740993,\"region\":\"north\",\"no\":1}"));
            try (Worker worker = Worker.start(directory, pool, declared)) {
                await(worker, () -> tables.values("shop", "orders", "id").size() == 2);
            }
            assertThat(tables.values("shop", "orders", "region"))
                    .containsExactlyInAnyOrder(null, "north");

            // None are declared: what records have.
            String free = declared.replaceAll("\"columns\": \\[[^]]*\\]", "\"columns\": []");
            pool.put(
                    "growing",
                    List.of(
                            "{\"ID\":3,\"price\":1.5,\"by\":{\"name\":\"ann\"},\"tags\":[\"a\"],\"empty\":null}",
                            "{\"id\":4,\"price\":2,\"by\":{\"name\":\"bob\",\"vip\":true}}"));
            try (Worker worker = Worker.start(directory, pool, free)) {
                await(worker, () -> tables.values("shop", "orders", "id").size() == 4);
                pool.put("growing", List.of("{\"id\":5,\"by\":{\"age\":7}}"));
                await(worker, () -> tables.values("shop", "orders", "id").size() == 5);
            }
            assertThat(tables.table("shop", "orders").schema().columns())
                    .extracting(field -> field.name() + " " + field.type())
                    .containsExactly(
                            "id long",
                            "region string",
                            "price double",
                            "by struct<5: name: optional string, 6: vip: optional boolean, 9: age: optional long>",
                            "tags list<string>");
            assertThat(tables.longs("shop", "orders", "id"))
                    .containsExactlyInAnyOrder(1L, 9007199254740993L, 3L, 4L, 5L);
            assertThat(tables.values("shop", "orders", "price"))
                    .containsExactlyInAnyOrder(null, null, 1.5, 2.0, null);
        }
    }

    private static void await(Worker worker, Callable<Boolean> condition) throws Exception {
        Awaitility.await()
                .atMost(Duration.ofSeconds(120))
                .failFast(worker.log(), () -> !worker.isAlive())
                .pollInterval(Duration.ofMillis(500))
                .until(condition);
    }

    private static long errors(S3Server s3) {
        return s3.objects("tables", "failed/iceberg-failed/").values().stream()
                .flatMap(object -> new String(object, StandardCharsets.UTF_8).lines())
                .count();
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
