/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Trino;
import dev.millrace.table.TableDescription;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The connector in a real Trino, over records that were put through the gateway. */
@ExtendWith({Pool.Shared.class, Trino.Shared.class})
@Timeout(180)
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

    private static void describe(Trino trino, String json) throws Exception {
        TableDescription.parse(json).writeTo(trino.tables());
    }
}
