/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.table.ScanRanges;
import dev.millrace.table.TableDescription;
import io.trino.sql.parser.SqlParser;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Applications as Amazon's guides write them. */
class KinesisDialectTest {

    private static final Map<String, TableDescription> INPUTS =
            Map.of(
                    "source_sql_stream_001",
                    TableDescription.parse(
                            """
                            {"name": "SOURCE_SQL_STREAM_001", "stream": "ticks", "columns": [
                              {"name": "TICKER_SYMBOL", "type": "varchar"}, {"name": "SECTOR", "type": "varchar"},
                              {"name": "CHANGE", "type": "real"}, {"name": "PRICE", "type": "double"}]}
                            """));
    private static final String DESTINATION =
            "CREATE OR REPLACE STREAM \"DESTINATION_SQL_STREAM\" (ticker_symbol VARCHAR(4), price DOUBLE);\n";
    private static final String PUMP =
            "CREATE OR REPLACE PUMP \"STREAM_PUMP\" AS INSERT INTO \"DESTINATION_SQL_STREAM\"\n";

    private static List<ContinuousQuery> parse(String text) throws SqlException {
        return ContinuousQuery.parse(
                text, INPUTS, Set.of("destination_sql_stream"), Optional.of(Duration.ofMinutes(1)));
    }

    private static String sql(ContinuousQuery query) {
        String sql =
                query.sql(
                        Map.of("source_sql_stream_001", ScanRanges.parse("0:1-5")),
                        new Span(0, 60_000));
        new SqlParser().createStatement(sql);
        return sql;
    }

    @Test
    void aPumpWritesItsStreamsColumns() throws Exception {
        ContinuousQuery query =
                parse(
                                DESTINATION
                                        + PUMP
                                        + "SELECT STREAM ticker_symbol t, price AS p FROM \"SOURCE_SQL_STREAM_001\""
                                        + " WHERE sector SIMILAR TO '%TECH%';"
                                                .replace("SIMILAR TO", "LIKE"))
                        .getFirst();

        assertThat(query.output()).containsExactly("destination_sql_stream");
        assertThat(query.columns()).containsExactly("ticker_symbol", "price");
        assertThat(query.timing()).isEqualTo(new Timing.Stateless());
        assertThat(sql(query))
                .startsWith(
                        "SELECT CAST(ticker_symbol AS varchar(4)) AS \"ticker_symbol\", CAST(price AS double) AS"
                                + " \"price\" FROM (SELECT * FROM millrace")
                .endsWith("WHERE sector LIKE '%TECH%'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GROUP BY ticker_symbol, STEP(\"SOURCE_SQL_STREAM_001\".ROWTIME BY INTERVAL '60' SECOND)",
                "GROUP BY ticker_symbol, FLOOR(\"SOURCE_SQL_STREAM_001\".ROWTIME TO MINUTE)",
                "GROUP BY ticker_symbol, STEP(ROWTIME BY INTERVAL '60' SECOND), STEP(APPROXIMATE_ARRIVAL_TIME BY INTERVAL '60' SECOND)",
                "WINDOWED BY STAGGER (PARTITION BY FLOOR(APPROXIMATE_ARRIVAL_TIME TO MINUTE), ticker_symbol RANGE INTERVAL '1' MINUTE)",
            })
    void windowsAreThoseOfStandardSql(String group) throws Exception {
        ContinuousQuery query =
                parse(
                                DESTINATION
                                        + PUMP
                                        + "SELECT STREAM ticker_symbol, SUM(price * 2) AS total FROM"
                                        + " \"SOURCE_SQL_STREAM_001\" "
                                        + group)
                        .getFirst();

        assertThat(query.timing()).isEqualTo(new Timing.Tumbling(new Bucket.Fixed(60_000)));
        assertThat(sql(query)).contains("CAST(SUM(price * 2) AS double) AS \"price\"");
    }

    @Test
    void aFrameWithoutOrderIsOfTheRowtime() throws Exception {
        String pump =
                DESTINATION
                        + PUMP
                        + "SELECT STREAM ticker_symbol, AVG(price) OVER W1 FROM \"SOURCE_SQL_STREAM_001\""
                        + " WINDOW W1 AS (PARTITION BY ticker_symbol RANGE INTERVAL '10' SECOND PRECEDING)";
        assertThat(parse(pump).getFirst().timing()).isEqualTo(new Timing.Lookback(10_000));
        assertThat(sql(parse(pump).getFirst()))
                .contains(
                        "WINDOW W1 AS (PARTITION BY ticker_symbol ORDER BY _rowtime RANGE INTERVAL '10' SECOND PRECEDING)");
        assertThat(
                        parse(pump.replace("OVER W1", "OVER (RANGE INTERVAL '5' SECOND PRECEDING)"))
                                .getFirst()
                                .timing())
                .isEqualTo(new Timing.Lookback(5_000));
    }

    @Test
    void pumpsBehindEachOtherAreSteps() throws Exception {
        List<ContinuousQuery> queries =
                parse(
                        DESTINATION
                                + """
                                CREATE OR REPLACE STREAM "STEP_1" ("T" VARCHAR(4), "P" DOUBLE);
                                -- In the other order than they run.
                                CREATE OR REPLACE PUMP "P2" AS INSERT INTO "DESTINATION_SQL_STREAM" ("PRICE", "TICKER_SYMBOL")
                                  SELECT STREAM MAX("P"), "T" FROM "STEP_1" GROUP BY "T", STEP("STEP_1".ROWTIME BY INTERVAL '10' SECOND);
                                CREATE OR REPLACE PUMP "P1" AS INSERT INTO "STEP_1" SELECT STREAM ticker_symbol, price FROM "SOURCE_SQL_STREAM_001" WHERE price > 1;
                                CREATE OR REPLACE PUMP "P1B" AS INSERT INTO "STEP_1" SELECT STREAM 'x', price FROM "SOURCE_SQL_STREAM_001" WHERE price < 0;
                                """);

        assertThat(queries).hasSize(1);
        assertThat(queries.getFirst().columns()).containsExactly("price", "ticker_symbol");
        assertThat(queries.getFirst().timing())
                .isEqualTo(new Timing.Tumbling(new Bucket.Fixed(10_000)));
        assertThat(sql(queries.getFirst()))
                .startsWith("WITH \"step_1\" AS (SELECT")
                .contains("CAST(ticker_symbol AS varchar(4)) AS \"t\"")
                .contains(" UNION ALL SELECT CAST('x' AS varchar(4)) AS \"t\"")
                .contains("tumble_start(\"STEP_1\"._rowtime, INTERVAL '10' SECOND)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT STREAM ticker_symbol, anomaly_score FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM ticker_symbol, price, change FROM \"SOURCE_SQL_STREAM_001\"), 50)) | random_cut_forest(ARRAY[CAST(\"price\" AS double), CAST(\"change\" AS double)], 50, 256, 100000, 1) OVER (ORDER BY _rowtime) AS anomaly_score",
                "SELECT STREAM anomaly_explanation, anomaly_score FROM TABLE(RANDOM_CUT_FOREST_WITH_EXPLANATION(CURSOR(SELECT STREAM * FROM \"SOURCE_SQL_STREAM_001\"), 100, 256, 100000, 1, true)) | map(ARRAY['CHANGE', 'PRICE'], ARRAY[CAST(\"change\" AS double), CAST(\"price\" AS double)])",
                "SELECT STREAM ticker_symbol, 1 FROM TABLE(HOTSPOTS(CURSOR(SELECT STREAM ticker_symbol, price, change FROM \"SOURCE_SQL_STREAM_001\"), 1000, 0.2, 17)) | OVER (ORDER BY _rowtime ROWS BETWEEN 999 PRECEDING AND CURRENT ROW), 0.2, 17) AS hotspots_result",
                "SELECT STREAM item, item_count FROM TABLE(TOP_K_ITEMS_TUMBLING(CURSOR(SELECT STREAM * FROM \"SOURCE_SQL_STREAM_001\"), 'TICKER_SYMBOL', 10, 60)) | WHERE place <= 10",
                "SELECT STREAM 'all', number_of_distinct_items FROM TABLE(COUNT_DISTINCT_ITEMS_TUMBLING(CURSOR(SELECT STREAM ticker_symbol FROM \"SOURCE_SQL_STREAM_001\"), 'ticker_symbol', 60)) | approx_distinct(\"ticker_symbol\") AS number_of_distinct_items",
            })
    void functionsOfQueriesAreSubqueries(String select, String part) throws Exception {
        assertThat(sql(parse(DESTINATION + PUMP + select).getFirst())).contains(part);
    }

    @ParameterizedTest
    @ValueSource(strings = {"l.r.COLUMN2", "l.r.\"COLUMN2\""})
    void fieldsOfParsedLogsAreThoseOfTheArray(String field) throws Exception {
        String pump =
                PUMP
                        + "SELECT STREAM "
                        + field
                        + ", 1 FROM (SELECT STREAM W3C_LOG_PARSE(ticker_symbol, 'COMMON') FROM"
                        + " \"SOURCE_SQL_STREAM_001\") AS l(r)";

        assertThat(sql(parse(DESTINATION + pump).getFirst()))
                .startsWith("SELECT CAST(element_at(l.r, 2) AS varchar(4)) AS");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT STREAM ticker_symbol FROM \"SOURCE_SQL_STREAM_001\" | 3:15 | writes the columns [ticker_symbol, price] and its SELECT gives 1",
                "SELECT STREAM nonsense +, price FROM \"SOURCE_SQL_STREAM_001\" | 3:26 | mismatched input 'AS'",
                "SELECT STREAM ticker_symbol, COUNT(*) FROM \"SOURCE_SQL_STREAM_001\" GROUP BY ticker_symbol | 3:1 | window",
                "SELECT STREAM a, b FROM \"SOURCE_SQL_STREAM_001\" WINDOWED BY STAGGER (PARTITION BY a RANGE INTERVAL '1' MINUTE) | 3:49 | SESSION",
                "SELECT STREAM a, b FROM TABLE(TOP_K_ITEMS_TUMBLING(CURSOR(SELECT STREAM * FROM \"SOURCE_SQL_STREAM_001\"), 'x', 10)) | 3:31 | windowSize in seconds",
                "SELECT STREAM a, b FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM sector FROM \"SOURCE_SQL_STREAM_001\"))) | 3:31 | needs a column that is a number",
            })
    void saysWhatIsWrongAtTheUsersPlace(String select, String place, String words) {
        assertThatThrownBy(() -> parse(DESTINATION + PUMP + select))
                .isInstanceOf(SqlException.class)
                .hasMessageStartingWith("line " + place)
                .hasMessageContaining(words);
    }

    @Test
    void pumpsAndStreamsBelongTogether() {
        assertThatThrownBy(
                        () -> parse("CREATE PUMP p AS INSERT INTO nowhere SELECT STREAM 1 FROM x"))
                .hasMessageContaining("line 1:30: There is no CREATE OR REPLACE STREAM nowhere");
        assertThatThrownBy(() -> parse("CREATE STREAM s"))
                .hasMessageContaining(
                        "line 1:15: A stream is CREATE OR REPLACE STREAM name (column type");
        assertThatThrownBy(() -> parse("CREATE STREAM s (a INT"))
                .hasMessageContaining("line 1:17: Nothing closes this parenthesis");
        assertThatThrownBy(() -> parse("CREATE PUMP p AS SELECT 1"))
                .hasMessageContaining("A pump is CREATE OR REPLACE PUMP name AS INSERT INTO");
        assertThatThrownBy(() ->
                        parse(
                                "CREATE STREAM a (x INT); CREATE STREAM b (x INT);"
                                        + " CREATE PUMP p AS INSERT INTO a SELECT STREAM x FROM b;"
                                        + " CREATE PUMP q AS INSERT INTO b SELECT STREAM x FROM a"))
                .hasMessageContaining("read, by others, what they write");
    }
}
