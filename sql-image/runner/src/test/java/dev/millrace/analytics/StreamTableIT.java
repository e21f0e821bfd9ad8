/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.analytics.testing.AggregatedRecord;
import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Trino;
import dev.millrace.table.TableDescription;
import io.trino.jdbc.TrinoResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.SdkBytes;

/** The connector in a real Trino, over records that were put through the gateway. */
@ExtendWith({Pool.Shared.class, Trino.Shared.class})
@Timeout(600)
class StreamTableIT {

    @Test
    void aStreamIsATableWithTheColumnsThatAreDeclared(Pool pool, Trino trino) throws Exception {
        pool.createStream("orders-typed", 2);
        describe(
                trino,
                """
                {"name": "typed", "stream": "orders-typed", "rowtime": "at", "columns": [
                  {"name": "id", "type": "bigint"}, {"name": "city", "type": "varchar", "path": "$.to.city"},
                  {"name": "price", "type": "decimal(10,2)"}, {"name": "at", "type": "timestamp(3)"},
                  {"name": "paid", "type": "boolean"}, {"name": "lines", "type": "json"}, {"name": "weight", "type": "double"},
                  {"name": "due", "type": "date"}]}
                """);
        pool.put(
                "orders-typed",
                List.of(
                        """
                        {"id": 1, "to": {"city": "Bern"}, "price": 12.345, "at": "2026-11-23T10:00:00.5Z", "paid": true,\
                         "lines": [1, 2], "weight": 1.5, "due": "2026-12-24"}\
                        """,
                        """
                        {"id": "2", "to": null, "price": "7", "at": 1795428001000, "paid": "no idea", "weight": "2"}\
                        """,
                        "this is no JSON",
                        "{\"id\": 3, \"at\": \"not a time\"}"));

        assertThat(trino.query("SELECT * FROM typed ORDER BY id"))
                .containsExactly(
                        List.of(
                                "1",
                                "Bern",
                                "12.35",
                                "2026-11-23 10:00:00.5",
                                "true",
                                "[1,2]",
                                "1.5",
                                "2026-12-24"),
                        List.of(
                                "2",
                                "null",
                                "7.00",
                                "2026-11-23 10:00:01.0",
                                "null",
                                "null",
                                "2.0",
                                "null"));
        assertThat(
                        trino.query(
                                "SELECT _rowtime, length(_sequence_number), _partition_key IS NOT NULL,"
                                        + " from_utf8(_data) LIKE '%Bern%' FROM typed WHERE id = 1"))
                .containsExactly(List.of("2026-11-23 10:00:00.5", "56", "true", "true"));
        assertThat(trino.query("SELECT count(*) FROM typed")).containsExactly(List.of("2"));
    }

    @Test
    void aStreamThatNobodyDescribedShowsItsRecords(Pool pool, Trino trino) throws Exception {
        pool.createStream("Bare", 1);
        pool.put("Bare", 0, 10);

        assertThat(trino.query("SHOW TABLES")).contains(List.of("bare"));
        assertThat(
                        trino.query(
                                "SELECT count(*), min(from_utf8(_data)), count(DISTINCT _shard_id)"
                                        + " FROM bare WHERE _arrival_time > now() - INTERVAL '5' MINUTE"))
                .containsExactly(List.of("10", "record-0", "1"));
        assertThat(
                        trino.query(
                                "SELECT count(*) FROM bare WHERE _arrival_time > now() + INTERVAL '1' HOUR"))
                .containsExactly(List.of("0"));
    }

    @Test
    void aVersionIsExactlyTheRecordsOfARange(Pool pool, Trino trino) throws Exception {
        pool.createStream("ranged", 1);
        pool.put("ranged", 0, 1_000);
        long first =
                Long.parseLong(
                        trino.query("SELECT min(_offset) FROM ranged").getFirst().getFirst());

        assertThat(
                        trino.query(
                                "SELECT count(*), min(_offset), max(_offset) FROM ranged FOR VERSION"
                                        + " AS OF '0:%d-%d'".formatted(first + 100, first + 200)))
                .containsExactly(
                        List.of("100", Long.toString(first + 100), Long.toString(first + 199)));
        assertThat(
                        trino.query(
                                "SELECT count(*) FROM ranged WHERE _offset >= %d AND _shard_id ="
                                                .formatted(first + 990)
                                        + " 'shardId-000000000000'"))
                .containsExactly(List.of("10"));
        assertThatThrownBy(() -> trino.query("SELECT * FROM ranged FOR VERSION AS OF 'latest'"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("'0:100-250;3:0-17'");
    }

    @Test
    void allRecordsAreReadOnceAcrossAReshard(Pool pool, Trino trino) throws Exception {
        pool.createStream("resharded", 2);
        List<String> put = new ArrayList<>(pool.put("resharded", 0, 2_000));
        pool.reshard("resharded", 5);
        put.addAll(pool.put("resharded", 2_000, 2_000));

        assertThat(
                        trino.query(
                                "SELECT count(*), count(DISTINCT _data), count(DISTINCT _sequence_number)"
                                        + " FROM resharded"))
                .containsExactly(List.of("4000", "4000", "4000"));
    }

    @Test
    void conditionsOnThePlaceReachTheScan(Pool pool, Trino trino) throws Exception {
        pool.createStream("pushed", 2);
        pool.put("pushed", 0, 10);

        assertThat(
                        trino.query(
                                        "EXPLAIN SELECT * FROM pushed WHERE _shard_id ="
                                                + " 'shardId-000000000001' AND _offset > 3")
                                .toString())
                .contains("shards=Optional[[1]]")
                .contains("fromOffset=3");
    }

    @Test
    void windowFunctionsSayWhereAPointInTimeLies(Pool pool, Trino trino) throws Exception {
        assertThat(
                        trino.query(
                                "SELECT tumble_start(t, INTERVAL '1' MINUTE), hop_starts(t, INTERVAL '30'"
                                        + " SECOND, INTERVAL '1' MINUTE), cumulate_ends(t, INTERVAL '20' SECOND,"
                                        + " INTERVAL '1' MINUTE) FROM (VALUES TIMESTAMP '2026-11-23 10:00:45.000') x(t)"))
                .containsExactly(
                        List.of(
                                "2026-11-23 10:00:00.0",
                                "[2026-11-23 10:00:00.0, 2026-11-23 10:00:30.0]",
                                "[2026-11-23 10:01:00.0]"));
    }

    @Test
    void insertPutsRowsWhereTheirKeysBelong(Pool pool, Trino trino) throws Exception {
        pool.createStream("inserted", 3);
        describe(
                trino,
                """
                {"name": "inserted", "stream": "inserted", "columns": [
                  {"name": "id", "type": "bigint"}, {"name": "city", "type": "varchar", "path": "$.to.city"}, {"name": "price", "type": "decimal(20,2)"},
                  {"name": "at", "type": "timestamp(3)"}, {"name": "day", "type": "date"}, {"name": "lines", "type": "json"}, {"name": "weight", "type": "double"}]}
                """);
        assertThat(
                        trino.query(
                                "INSERT INTO inserted VALUES (1, 'Bern', 12.5, TIMESTAMP '2026-11-23 10:00:00.5', DATE '2026-11-24',"
                                        + " JSON '[1,2]', 0.5), (2, NULL, NULL, NULL, NULL, NULL, NULL)"))
                .containsExactly(List.of("2"));
        assertThat(
                        trino.query(
                                "INSERT INTO \"inserted$put\" (id, _partition_key) SELECT n, 'same' FROM UNNEST(sequence(10, 19)) AS t(n)"))
                .containsExactly(List.of("10"));
        String last = "340282366920938463463374607431768211455";
        trino.query(
                "INSERT INTO \"inserted$put\" (id, _partition_key, _explicit_hash_key) VALUES (30, 'k', '%s'), (31, 'k', '0')"
                        .formatted(last));

        assertThat(pool.records("inserted"))
                .hasSize(14)
                .contains(
                        "{\"id\":1,\"to\":{\"city\":\"Bern\"},\"price\":12.50,\"at\":\"2026-11-23T10:00:00.500Z\",\"day\":\"2026-11-24\",\"lines\":[1,2],\"weight\":0.5}");
        assertThat(
                        trino.query(
                                "SELECT id, city, price, at, day, lines, weight FROM inserted WHERE id < 3 ORDER BY id"))
                .containsExactly(
                        List.of(
                                "1",
                                "Bern",
                                "12.50",
                                "2026-11-23 10:00:00.5",
                                "2026-11-24",
                                "[1,2]",
                                "0.5"),
                        List.of("2", "null", "null", "null", "null", "null", "null"));
        assertThat(
                        trino.query(
                                "SELECT count(DISTINCT _shard_id), min(_partition_key) FROM inserted WHERE id BETWEEN 10 AND 19"))
                .containsExactly(List.of("1", "same"));
        assertThat(trino.query("SELECT id, _shard_id FROM inserted WHERE id >= 30 ORDER BY id"))
                .containsExactly(
                        List.of("30", "shardId-000000000002"),
                        List.of("31", "shardId-000000000000"));
    }

    @Test
    void insertIsAllOrNothingAndSaysWhatIsWrong(Pool pool, Trino trino) throws Exception {
        pool.createStream("all-or-nothing", 2);
        assertThat(
                        trino.query(
                                "INSERT INTO \"all-or-nothing\" (_data, _partition_key) VALUES (to_utf8('one'), 'k')"))
                .containsExactly(List.of("1"));
        assertInsertFails(
                trino,
                "INSERT INTO \"all-or-nothing$put\" (_data) SELECT to_utf8(CAST(10 / (5 - n) AS varchar)) FROM UNNEST(sequence(1, 9)) AS t(n)",
                "Division by zero");
        // More than is kept: some of it is with the brokers when it fails.
        assertInsertFails(
                trino,
                "INSERT INTO \"all-or-nothing$put\" (_data) SELECT to_utf8(rpad(CAST(1 / (40000 - n) AS varchar), 1000, 'x'))"
                        + " FROM UNNEST(sequence(1, 8000)) AS t(m) CROSS JOIN UNNEST(sequence(m * 5, m * 5 + 4)) AS u(n)",
                "Division by zero");
        assertInsertFails(
                trino,
                "INSERT INTO \"all-or-nothing$put\" (_data, _explicit_hash_key) VALUES (to_utf8('x'), 'seven')",
                "_explicit_hash_key is a number from 0 to 2^128 - 1, not seven");
        assertInsertFails(
                trino,
                "INSERT INTO \"all-or-nothing$put\" (_data, _partition_key) VALUES (to_utf8('x'), '')",
                "1 to 256 characters");
        assertInsertFails(
                trino,
                "INSERT INTO \"all-or-nothing$put\" (_data) VALUES (to_utf8(rpad('', 1100000, 'x')))",
                "larger than a record of stream all-or-nothing may be");
        assertInsertFails(
                trino,
                "INSERT INTO \"all-or-nothing\" (_data, _offset) VALUES (to_utf8('x'), 7)",
                "_offset comes by itself");
        assertThatThrownBy(() -> trino.query("SELECT * FROM \"all-or-nothing$put\""))
                .hasMessageContaining("without $put");
        assertThat(pool.records("all-or-nothing")).containsExactly("one");
    }

    private static void assertInsertFails(Trino trino, String sql, String message) {
        assertThatThrownBy(() -> trino.query(sql)).hasMessageContaining(message);
    }

    /** None lies behind the end of a shard that was closed meanwhile: all can be read. */
    @Test
    void insertsGoOnWhileTheStreamIsResharded(Pool pool, Trino trino) throws Exception {
        pool.createStream("insert-reshard", 2);
        Thread resharding =
                Thread.ofVirtual()
                        .start(() -> {
                            pool.reshard("insert-reshard", 4);
                            pool.reshard("insert-reshard", 3);
                        });
        int inserted = 0;
        do {
            trino.query(
                    "INSERT INTO \"insert-reshard$put\" (_data) SELECT to_utf8(CAST(n AS varchar)) FROM UNNEST(sequence(%d, %d)) AS t(n)"
                            .formatted(inserted, inserted + 99));
            inserted += 100;
        } while (resharding.isAlive() || inserted < 500);
        assertThat(pool.records("insert-reshard")).hasSize(inserted).doesNotHaveDuplicates();
    }

    @Test
    void thePlannerKnowsHowMuchThereIs(Pool pool, Trino trino) throws Exception {
        pool.createStream("counted", 1);
        pool.put("counted", 0, 1_000);
        assertThat(trino.query("SHOW STATS FOR counted").getLast().get(4)).isEqualTo("1000.0");
    }

    @Test
    void noMoreIsReadThanIsAskedFor(Pool pool, Trino trino) throws Exception {
        pool.createStream("pushed-down", 1);
        pool.put("pushed-down", 0, 5_000);
        String number =
                trino.query(
                                "SELECT _sequence_number FROM \"pushed-down\" WHERE from_utf8(_data) = 'record-4990'")
                        .getFirst()
                        .getFirst();
        assertThat(read(trino, "SELECT count(*) FROM \"pushed-down\"")).isEqualTo(5_000);
        assertThat(read(trino, "SELECT * FROM \"pushed-down\" LIMIT 7")).isEqualTo(7);
        assertThat(
                        read(
                                trino,
                                "SELECT * FROM \"pushed-down\" WHERE _sequence_number BETWEEN '%s' AND '%s'"
                                        .formatted(number, number)))
                .isEqualTo(1);
        assertThat(
                        read(
                                trino,
                                "SELECT * FROM \"pushed-down\" WHERE _arrival_time > now() + INTERVAL '1' MINUTE"))
                .isZero();
    }

    /** Exactly the rows of a condition on the rowtime are given, whatever it is written like. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "_rowtime >= TIMESTAMP '2026-11-23 10:00:01.000' AND _rowtime < TIMESTAMP '2026-11-23 10:00:03.000' | 200",
                "_rowtime > TIMESTAMP '2026-11-23 10:00:01.000' AND _rowtime <= TIMESTAMP '2026-11-23 10:00:03.000' | 200",
                "_rowtime = TIMESTAMP '2026-11-23 10:00:01.000' | 1",
                "_rowtime > TIMESTAMP '2026-11-23 10:00:09.9805' | 1",
                "_rowtime < TIMESTAMP '2026-11-23 10:00:00.0005' | 1",
                "_rowtime < TIMESTAMP '2026-11-23 10:00:00.000' | 0",
                "_rowtime IN (TIMESTAMP '2026-11-23 10:00:01.000', TIMESTAMP '2026-11-23 10:00:01.005', TIMESTAMP '2026-11-23 10:00:02.000') | 2",
                "_rowtime IS NULL | 0",
                "_rowtime IS NULL OR _rowtime >= TIMESTAMP '2026-11-23 10:00:05.000' | 500",
            })
    void theScanDecidesOnRowtimes(String condition, long rows, Pool pool, Trino trino)
            throws Exception {
        if (!pool.client().listStreams().streamNames().contains("timed")) {
            pool.createStream("timed", 1);
            pool.put(
                    "timed",
                    IntStream.range(0, 1_000)
                            .mapToObj(i -> "{\"at\":" + (1_795_428_000_000L + i * 10L) + "}")
                            .toList());
        }
        describe(
                trino,
                "{\"name\": \"timed\", \"stream\": \"timed\", \"rowtime\": \"at\", \"columns\": [{\"name\": \"at\", \"type\": \"timestamp(3)\"}]}");
        String query = "SELECT count(*) FROM timed WHERE " + condition;

        assertThat(trino.query(query).getFirst().getFirst()).isEqualTo(Long.toString(rows));
        if (!condition.contains(" IN (") && !condition.equals("_rowtime IS NULL")) {
            assertThat(read(trino, query)).as("rows that the scan gave").isEqualTo(rows);
        }
    }

    /** How many rows the scans of a query gave. */
    private static long read(Trino trino, String sql) throws Exception {
        try (var connection = trino.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                // All of it, so that the figures are final.
            }
            return rows.unwrap(TrinoResultSet.class).getStats().getProcessedRows();
        }
    }

    @Test
    void rowsOfOneRecordThatAProducerAggregatedAreRowsOfTheTable(Pool pool, Trino trino)
            throws Exception {
        pool.createStream("aggregated", 1);
        pool.client()
                .putRecord(r ->
                        r.streamName("aggregated")
                                .partitionKey("whole")
                                .data(
                                        SdkBytes.fromByteArray(
                                                AggregatedRecord.of("a", "one", "b", "two"))));
        pool.put("aggregated", List.of("three"));
        assertThat(
                        trino.query(
                                "SELECT from_utf8(_data), _partition_key, _subsequence_number FROM aggregated ORDER BY _offset, 3"))
                .containsExactly(
                        List.of("one", "a", "0"),
                        List.of("two", "b", "1"),
                        List.of("three", "key-" + "three".hashCode(), "0"));
        assertThat(trino.query("SELECT count(*), count(DISTINCT _sequence_number) FROM aggregated"))
                .containsExactly(List.of("3", "2"));
    }

    private static void describe(Trino trino, String json) throws Exception {
        TableDescription.parse(json).writeTo(trino.tables());
    }
}
