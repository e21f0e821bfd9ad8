/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.table.ScanRanges;
import dev.millrace.table.TableDescription;
import io.trino.sql.parser.SqlParser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContinuousQueryTest {

    private static final Map<String, TableDescription> INPUTS =
            Map.of(
                    "orders",
                    TableDescription.parse(
                            """
                            {"name": "orders", "stream": "orders", "rowtime": "at", "columns": [
                              {"name": "at", "type": "timestamp(3)"}, {"name": "region", "type": "varchar"},
                              {"name": "price", "type": "double"}, {"name": "id", "type": "bigint"}]}
                            """),
                    "clicks",
                    TableDescription.parse(
                            """
                            {"name": "clicks", "stream": "Clicks", "columns": [{"name": "page", "type": "varchar"},
                              {"name": "order_id", "type": "bigint"}]}
                            """));
    private static final Map<String, ScanRanges> RANGES =
            Map.of("orders", ScanRanges.parse("0:1-5"), "clicks", ScanRanges.parse("3:7-9"));
    private static final Span SPAN =
            new Span(
                    Instant.parse("2026-11-23T10:00:00Z").toEpochMilli(),
                    Instant.parse("2026-11-23T10:02:00Z").toEpochMilli());
    private static final String TUMBLE =
            "TABLE(TUMBLE(TABLE(orders), DESCRIPTOR(at), INTERVAL '1' MINUTE))";

    @Test
    void rowsByThemselvesAreReadAsTheyCome() throws Exception {
        ContinuousQuery query =
                one(
                        "INSERT INTO out SELECT o.id, price * 2 AS twice FROM orders o WHERE region = 'eu';");

        assertThat(query.timing()).isEqualTo(new Timing.Stateless());
        assertThat(query.output()).containsExactly("out");
        assertThat(query.inputs()).containsExactly("orders");
        assertThat(query.sql(RANGES, SPAN))
                .isEqualTo(
                        "SELECT o.id, price * 2 AS twice FROM (SELECT * FROM millrace.default.\"orders\""
                                + " FOR VERSION AS OF '0:1-5') o WHERE region = 'eu'");
    }

    @Test
    void windowsBecomeSubqueriesWithTheirBounds() throws Exception {
        ContinuousQuery query =
                one(
                        "INSERT INTO out SELECT window_start, region, sum(price) FROM "
                                + TUMBLE
                                + " AS w GROUP BY window_start, region");

        assertThat(query.timing()).isEqualTo(new Timing.Tumbling(new Bucket.Fixed(60_000)));
        assertThat(query.sql(RANGES, SPAN))
                .contains("tumble_start(\"$rowtime1\", INTERVAL '60' SECOND) AS window_start")
                .contains(
                        "FOR VERSION AS OF '0:1-5' WHERE _rowtime >= TIMESTAMP '2026-11-23 10:00:00.000'")
                .contains("_rowtime < TIMESTAMP '2026-11-23 10:02:00.000'")
                .endsWith(" AS w GROUP BY window_start, region");
    }

    @Test
    void aBucketedRowtimeIsAWindow() throws Exception {
        assertThat(
                        one("INSERT INTO out SELECT date_trunc('hour', at), count(*) FROM orders GROUP BY 1")
                                .timing())
                .isEqualTo(new Timing.Tumbling(new Bucket.Fixed(3_600_000)));
        assertThat(
                        one("INSERT INTO out SELECT count(*) FROM clicks GROUP BY date_trunc('month', _arrival_time)")
                                .timing())
                .isEqualTo(new Timing.Tumbling(new Bucket.Calendar(Bucket.Calendar.Unit.MONTH)));
    }

    @Test
    void aViewIsAStepOfTheQueriesThatReadIt() throws Exception {
        List<ContinuousQuery> queries =
                ContinuousQuery.parse(
                        """
                        CREATE VIEW large AS SELECT * FROM orders WHERE price > 100; -- a comment; with a semicolon
                        CREATE VIEW minutes AS SELECT window_start AS minute, count(*) AS n
                          FROM TABLE(TUMBLE(TABLE(SELECT * FROM large), DESCRIPTOR(at), INTERVAL '1' MINUTE)) GROUP BY window_start;
                        INSERT INTO counts SELECT minute, max(n) FROM minutes GROUP BY minute;
                        INSERT INTO copies (a, b) WITH x AS (SELECT id, price FROM large) SELECT * FROM x;
                        """,
                        INPUTS,
                        Set.of(),
                        Optional.empty());

        assertThat(queries).hasSize(2);
        assertThat(queries.getFirst().timing()).isInstanceOf(Timing.Tumbling.class);
        assertThat(queries.getFirst().sql(RANGES, SPAN))
                .startsWith("WITH \"large\" AS (SELECT * FROM (SELECT *, _rowtime");
        assertThat(queries.getLast().columns()).containsExactly("a", "b");
        assertThat(queries.getLast().timing()).isInstanceOf(Timing.Stateless.class);
        queries.forEach(query -> new SqlParser().createStatement(query.sql(RANGES, SPAN)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT window_start, count(*) FROM TABLE(HOP(TABLE(orders), DESCRIPTOR(at), INTERVAL '10' SECOND, INTERVAL"
                        + " '1' MINUTE)) GROUP BY window_start",
                "SELECT window_end, count(*) FROM TABLE(CUMULATE(TABLE(orders), DESCRIPTOR(at), INTERVAL '10' SECOND,"
                        + " INTERVAL '1' MINUTE)) h GROUP BY h.window_end",
                "SELECT region, window_start, window_end, count(*) FROM TABLE(SESSION(TABLE(orders) PARTITION BY region,"
                        + " DESCRIPTOR(at), INTERVAL '30' SECOND)) GROUP BY region, window_start, window_end",
                "SELECT id, sum(price) OVER (PARTITION BY region ORDER BY at RANGE INTERVAL '1' HOUR PRECEDING) AS s FROM"
                        + " orders",
                "SELECT o.id, c.page FROM orders o JOIN clicks c ON o.id = c.order_id AND c._rowtime BETWEEN o.at -"
                        + " INTERVAL '10' MINUTE AND o.at",
                "SELECT id, page FROM orders, clicks WHERE id = order_id AND at - _arrival_time < INTERVAL '1' MINUTE",
                "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY window_start ORDER BY n DESC) AS r FROM (SELECT"
                        + " window_start, region, count(*) AS n FROM TABLE(TUMBLE(TABLE(orders), DESCRIPTOR(at), INTERVAL"
                        + " '1' MINUTE)) GROUP BY window_start, region)) WHERE r <= 3",
                "SELECT id, 'ä😀' FROM orders UNION ALL SELECT order_id, page FROM clicks",
            })
    void theRewrittenQueryIsSql(String query) throws Exception {
        String sql = one("INSERT INTO out " + query).sql(RANGES, SPAN);

        new SqlParser().createStatement(sql);
        assertThat(sql).contains("FOR VERSION AS OF '0:1-5'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT region, count(*) FROM orders GROUP BY region | 1:17 | group by a window",
                "SELECT max(price) FROM orders | 1:17 | would never be final",
                "SELECT DISTINCT region FROM orders | 1:17 | remember all rows",
                "SELECT * FROM orders LIMIT 5 | 1:17 | row_number() OVER",
                "SELECT row_number() OVER (PARTITION BY region ORDER BY at DESC) FROM orders | 1:24 | looks back only",
                "SELECT lead(price) OVER (ORDER BY at) FROM orders | 1:24 | looks back only",
                "SELECT sum(price) OVER (ORDER BY at ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM orders | 1:24 | looks back only",
                "SELECT * FROM nothing | 1:17 | the inputs are clicks, orders",
                "SELECT id FROM orders WHERE region IN (SELECT page FROM clicks) | 1:73 | write a join",
                "SELECT id FROM orders UNION SELECT order_id FROM clicks | 1:39 | UNION ALL",
                "SELECT id FROM orders JOIN clicks ON id = order_id | 1:32 | BETWEEN",
                "SELECT id, row_number() OVER (PARTITION BY region ORDER BY at) FROM orders | 1:28 | spec.history",
                "SELECT id, row_number() OVER (PARTITION BY region ORDER BY price) FROM orders | 1:28 | rowtime",
                "SELECT id FROM dim LEFT JOIN orders ON x = id | 1:32 | stream LEFT JOIN table",
                "SELECT * FROM orders MATCH_RECOGNIZE (ORDER BY at MEASURES A.id AS a PATTERN (A B) DEFINE B AS true) | 1:31 | spec.historySeconds",
                "SELECT * FROM TABLE(TUMBLE(TABLE(orders), DESCRIPTOR(at), INTERVAL '1' MINUTE)) MATCH_RECOGNIZE (ORDER BY at MEASURES A.id AS a PATTERN (A B) DEFINE B AS true) | 1:31 | PARTITION BY window_start",
                "SELECT id FROM orders FOR VERSION AS OF '0:1-2' | 1:32 | as it grows",
                "SELEC id FROM orders | 1:17 | mismatched input",
                "SELECT id FROM orders WHERE | 1:44 | mismatched input",
            })
    void saysWhatCannotRunAndWhatToWriteInstead(String query, String place, String words) {
        assertThatThrownBy(() -> one("INSERT INTO out " + query))
                .isInstanceOf(SqlException.class)
                .hasMessageStartingWith("line " + place)
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ORDER BY price MEASURES A.id AS a AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS true | ordered by the input's rowtime",
                "ORDER BY at DESC MEASURES A.id AS a AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS true | ordered by the input's rowtime",
                "ORDER BY at MEASURES A.id AS a PATTERN (A B) DEFINE B AS true | write AFTER MATCH SKIP TO NEXT ROW",
                "ORDER BY at MEASURES A.id AS a AFTER MATCH SKIP TO NEXT ROW PATTERN (A* B?) DEFINE B AS true | matches no row at all",
                "ORDER BY at MEASURES A.id AS a AFTER MATCH SKIP TO NEXT ROW PATTERN ((A B?)? ()) DEFINE A AS true | matches no row at all",
                "ORDER BY at MEASURES A.id AS a AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE A AS NEXT(price) > 1 | NEXT looks at a row that may still come",
                "ORDER BY at MEASURES A.id AS a AFTER MATCH SKIP TO NEXT ROW PATTERN (A? B) DEFINE B AS PREV(price) > 1 | PREV looks at a row before the match",
                "ORDER BY at MEASURES A.id AS a AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS PREV(price, 2) > 1 | PREV looks at a row before the match",
                "ORDER BY at MEASURES A.id AS a AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS PREV(A.price) > 1 | PREV looks at a row before the match",
                "ORDER BY at MEASURES PREV(A.id) AS a AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS true | looks beside its rows",
                "ORDER BY at ALL ROWS PER MATCH WITH UNMATCHED ROWS AFTER MATCH SKIP TO NEXT ROW PATTERN (A) DEFINE A AS true | WITH UNMATCHED ROWS",
            })
    void saysWhichPatternsCannotRun(String pattern, String words) {
        assertThatThrownBy(
                        () -> withHistory("SELECT * FROM orders MATCH_RECOGNIZE (" + pattern + ")"))
                .isInstanceOf(SqlException.class)
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "A B C                 | FINAL LAST(\"$rowtime1\")",
                "A{3} C                | FINAL LAST(\"$rowtime1\")",
                "A X*? B C             | FINAL LAST(\"$rowtime1\")",
                "A X*? B Y*? C         | FIRST(\"$rowtime1\") + INTERVAL",
                "A B+ C                | FIRST(\"$rowtime1\") + INTERVAL",
                "A PERMUTE(B, C)       | FIRST(\"$rowtime1\") + INTERVAL"
            })
    void aMatchIsFinalAtOnceWhereNoLaterRowCanChangeIt(String pattern, String time)
            throws Exception {
        for (String rest :
                List.of("ONE ROW PER MATCH ", "ALL ROWS PER MATCH OMIT EMPTY MATCHES ", "")) {
            for (String measures : List.of("", "MEASURES A.id AS first ")) {
                String sql =
                        withHistory(
                                        "SELECT * FROM orders AS o MATCH_RECOGNIZE (PARTITION BY region ORDER BY at, id "
                                                + measures
                                                + rest
                                                + "AFTER MATCH SKIP TO NEXT ROW PATTERN ("
                                                + pattern
                                                + ") DEFINE A AS price > 1, C AS PREV(price) > 2) AS m")
                                .sql(RANGES, SPAN);

                new SqlParser().createStatement(sql);
                assertThat(sql)
                        .contains("MEASURES " + time)
                        .contains("A AS (price > 1) AND \"$rowtime1\" <= FIRST(\"$rowtime1\")")
                        .contains("C AS (PREV(price) > 2) AND \"$rowtime1\" <= FIRST");
            }
        }
    }

    private static ContinuousQuery withHistory(String query) throws SqlException {
        return ContinuousQuery.parse(
                        "INSERT INTO out " + query,
                        INPUTS,
                        Set.of(),
                        Optional.of(Duration.ofHours(1)))
                .getFirst();
    }

    @Test
    void aStarHasNoHiddenColumnsThoughOthersAreNamed() throws Exception {
        assertThat(one("INSERT INTO out SELECT *, _arrival_time FROM clicks").sql(RANGES, SPAN))
                .startsWith(
                        "SELECT \"page\", \"order_id\", _arrival_time FROM (SELECT *, _arrival_time");
        assertThat(
                        one("INSERT INTO out SELECT c.*, _shard_id AS s FROM clicks AS c")
                                .sql(RANGES, SPAN))
                .startsWith("SELECT \"page\", \"order_id\", _shard_id AS s FROM");
    }

    @Test
    void aStarOfAnAliasHandsTheRowtimeOnAsWell() throws Exception {
        String over = "row_number() OVER (PARTITION BY o.region ORDER BY o.at) AS n FROM ";

        assertThat(withHistory("SELECT o.*, " + over + "orders o").sql(RANGES, SPAN))
                .contains("SELECT o.*, " + over);
        assertThat(withHistory("SELECT o.id, " + over + "orders o").sql(RANGES, SPAN))
                .contains("AS n , \"$rowtime1\" FROM");
    }

    @Test
    void windowsThatDoNotEndTogetherAreRefused() {
        assertThatThrownBy(() ->
                        one(
                                "INSERT INTO out SELECT a.window_start FROM "
                                        + TUMBLE.replace("'1'", "'3'")
                                        + " a JOIN "
                                        + TUMBLE.replace("'1'", "'7'")
                                        + " b ON a.window_end = b.window_end"))
                .hasMessageContaining("do not end together");
        assertThatThrownBy(() ->
                        one(
                                "INSERT INTO out SELECT region, count(*) FROM "
                                        + TUMBLE
                                        + " GROUP BY region"))
                .hasMessageContaining("groups by window_start");
    }

    @Test
    void otherStatementsAreRefused() {
        assertThatThrownBy(() -> one("SELECT 1")).hasMessageContaining("not SELECT");
        assertThatThrownBy(() -> one("")).hasMessageContaining("nothing would be written");
        assertThatThrownBy(() -> one("INSERT INTO a SELECT * FROM orders;\nDELETE FROM orders"))
                .hasMessageStartingWith("line 2:1: ");
    }

    @Test
    void whatTrinoSaysIsToldOfTheUsersText() throws Exception {
        ContinuousQuery query =
                ContinuousQuery.parse(
                                "CREATE VIEW v AS SELECT id FROM orders;\nINSERT INTO out\nSELECT nonsense FROM v",
                                INPUTS,
                                Set.of(),
                                Optional.empty())
                        .getFirst();
        int place = query.sql(RANGES, SPAN).indexOf("nonsense") + 1;

        assertThat(query.refused(RANGES, SPAN, 1, place, "no column"))
                .hasMessage("line 3:8: no column");
    }

    @Test
    void windowsCloseWithTheWatermark() {
        Timing hop = new Timing.Hopping(10_000, 60_000);
        assertThat(hop.closed(125_000)).isEqualTo(120_000);
        assertThat(hop.rowsFrom(120_000)).isEqualTo(70_000);
        assertThat(new Timing.Tumbling(new Bucket.Fixed(60_000)).closed(-1)).isEqualTo(-60_000);
        assertThat(new Timing.Cumulating(10_000, 60_000).rowsFrom(130_000)).isEqualTo(120_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT o.id, c.page FROM orders o LEFT JOIN clicks FOR TIMESTAMP AS OF o.at AS c ON c.order_id = o.id AND"
                        + " (c.page = 'a' OR false) WHERE o.price > 1",
                "SELECT orders.id, clicks.page FROM orders JOIN clicks FOR TIMESTAMP AS OF orders.at ON clicks.order_id = orders.id",
                "SELECT * FROM (SELECT o.id, c.page FROM orders o JOIN clicks FOR TIMESTAMP AS OF at AS c ON o.id = c.order_id) x",
            })
    void aVersionHoldsUntilTheNextOneOfItsKey(String text) throws Exception {
        ContinuousQuery query =
                ContinuousQuery.parse(
                                "INSERT INTO out " + text,
                                INPUTS,
                                Set.of(),
                                Optional.of(Duration.ofHours(1)))
                        .getFirst();
        String sql = query.sql(RANGES, SPAN);

        new SqlParser().createStatement(sql);
        assertThat(query.timing()).isEqualTo(new Timing.Lookback(3_600_000));
        assertThat(sql)
                .contains(
                        "lead(\"$rowtime2\") OVER (PARTITION BY \"order_id\" ORDER BY \"$rowtime2\", \"$number2\") AS \"$until2\"")
                .contains(
                        "(\"$rowtime1\" >= \"$rowtime2\" AND (\"$until2\" IS NULL OR \"$rowtime1\" < \"$until2\") AND \"$rowtime1\" -"
                                + " \"$rowtime2\" <= INTERVAL '3600' SECOND) AND (")
                .contains(") WHERE \"$rowtime1\" >= TIMESTAMP '2026-11-23 10:00:00.000'");
    }

    @Test
    void versionsThatCannotBeFoundAreRefused() {
        String join = "INSERT INTO out SELECT o.id FROM orders o %s JOIN clicks FOR %s AS c ON %s";
        assertRefused(
                join.formatted("", "TIMESTAMP AS OF o.at", "c.order_id = o.id"), "historySeconds");
        assertRefused(join.formatted("", "TIMESTAMP AS OF o.price", "c.order_id = o.id"), "o.at");
        assertRefused(join.formatted("", "VERSION AS OF '1'", "c.order_id = o.id"), "o.at");
        assertRefused(
                join.formatted("FULL", "TIMESTAMP AS OF o.at", "c.order_id = o.id"), "LEFT JOIN");
        assertRefused(join.formatted("", "TIMESTAMP AS OF o.at", "order_id = id"), "known by");
        assertRefused(
                "INSERT INTO out SELECT id FROM orders FOR TIMESTAMP AS OF now()",
                "stands in a join");
    }

    private static void assertRefused(String sql, String reason) {
        assertThatThrownBy(() -> one(sql))
                .isInstanceOf(SqlException.class)
                .hasMessageContaining(reason);
    }

    private static ContinuousQuery one(String text) throws SqlException {
        return ContinuousQuery.parse(text, INPUTS, Set.of(), Optional.<Duration>empty()).getFirst();
    }
}
