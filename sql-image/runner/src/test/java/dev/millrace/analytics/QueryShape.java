/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import java.util.List;
import java.util.Locale;

/**
 * The kinds of continuous queries, each with the query that gives the same over all rows at once.
 */
enum QueryShape {
    ROWS(
            "SELECT id, upper(region) AS r FROM input WHERE price >= 5",
            "SELECT id, upper(region) FROM input WHERE price >= 5",
            "id",
            "r"),
    TUMBLING(
            "SELECT window_start, region, count(*) AS n, sum(id) AS s FROM TABLE(TUMBLE(TABLE(input), DESCRIPTOR(at),"
                    + " INTERVAL '3' SECOND)) GROUP BY window_start, region",
            "SELECT tumble_start(at, INTERVAL '3' SECOND), region, count(*), sum(id) FROM rows GROUP BY 1, 2",
            "window_start",
            "region",
            "n",
            "s"),
    HOPPING(
            "SELECT window_start, count(*) AS n, sum(id) AS s FROM TABLE(HOP(TABLE(input), DESCRIPTOR(at), INTERVAL '2'"
                    + " SECOND, INTERVAL '8' SECOND)) GROUP BY window_start",
            "SELECT s, count(*), sum(id) FROM rows CROSS JOIN UNNEST(hop_starts(at, INTERVAL '2' SECOND, INTERVAL '8'"
                    + " SECOND)) AS w(s) GROUP BY s",
            "window_start",
            "n",
            "s"),
    CUMULATING(
            "SELECT window_start, window_end, count(*) AS n FROM TABLE(CUMULATE(TABLE(input), DESCRIPTOR(at), INTERVAL '5'"
                    + " SECOND, INTERVAL '20' SECOND)) GROUP BY window_start, window_end",
            "SELECT tumble_start(at, INTERVAL '20' SECOND), e, count(*) FROM rows CROSS JOIN UNNEST(cumulate_ends(at,"
                    + " INTERVAL '5' SECOND, INTERVAL '20' SECOND)) AS w(e) GROUP BY 1, 2",
            "window_start",
            "window_end",
            "n"),
    SESSION(
            "SELECT region, window_start, window_end, count(*) AS n, sum(id) AS s FROM TABLE(SESSION(TABLE(input) PARTITION"
                    + " BY region, DESCRIPTOR(at), INTERVAL '2' SECOND)) GROUP BY region, window_start, window_end",
            "SELECT region, min(at), max(at) + INTERVAL '2' SECOND, count(*), sum(id) FROM (SELECT *, sum(b) OVER (PARTITION"
                    + " BY region ORDER BY at, id) AS g FROM (SELECT *, if(at - lag(at) OVER (PARTITION BY region ORDER BY at,"
                    + " id) < INTERVAL '2' SECOND, 0, 1) AS b FROM rows)) GROUP BY region, g",
            "region",
            "window_start",
            "window_end",
            "n",
            "s"),
    GROUP_BY_TIME(
            "SELECT date_trunc('minute', at) AS m, region, max(price) AS p, count(*) AS n FROM input GROUP BY 1, 2",
            "SELECT date_trunc('minute', at), region, max(price), count(*) FROM rows GROUP BY 1, 2",
            "m",
            "region",
            "p",
            "n"),
    OVER(
            "SELECT id, sum(id) OVER (PARTITION BY region ORDER BY at RANGE INTERVAL '5' SECOND PRECEDING) AS s FROM input",
            "SELECT id, sum(id) OVER (PARTITION BY region ORDER BY at RANGE INTERVAL '5' SECOND PRECEDING) FROM rows",
            "id",
            "s"),
    JOIN(
            "SELECT a.id AS a, b.id AS b FROM input a JOIN input b ON a.region = b.region AND b.at BETWEEN a.at AND a.at +"
                    + " INTERVAL '2' SECOND AND a.id <> b.id",
            "SELECT a.id, b.id FROM rows a JOIN rows b ON a.region = b.region AND b.at BETWEEN a.at AND a.at + INTERVAL '2'"
                    + " SECOND AND a.id <> b.id",
            "a",
            "b"),
    PATTERN(
            "SELECT region, a, b FROM input " + pattern(""),
            "SELECT region, a, b FROM (SELECT * FROM rows) "
                    + pattern(" AND at <= FIRST(at) + INTERVAL '20' SECOND"),
            "region",
            "a",
            "b");

    private static String pattern(String near) {
        return "MATCH_RECOGNIZE (PARTITION BY region ORDER BY at, id MEASURES A.id AS a, B.id AS b ONE ROW PER MATCH"
                + " AFTER MATCH SKIP TO NEXT ROW PATTERN (A X*? B) DEFINE X AS price > 5"
                + near
                + ", B AS B.price > A.price + 30"
                + near
                + ")";
    }

    private final String sql;
    private final String batch;
    private final List<String> fields;

    QueryShape(String sql, String batch, String... fields) {
        this.sql = sql;
        this.batch = batch;
        this.fields = List.of(fields);
    }

    /** The name of its output. */
    String output() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The query as an application has it. */
    String statement() {
        return "INSERT INTO \"" + output() + "\" " + sql + ";\n";
    }

    /**
     * The query over all rows.
     *
     * @param table the input's table
     * @param rows those of its rows that come in time, as a relation
     */
    String batch(String table, String rows) {
        return batch.replaceAll("\\binput\\b", table)
                .replaceAll("(FROM|JOIN) rows\\b", "$1 " + rows);
    }

    /** The fields of its results, in the order of the batch query's columns. */
    List<String> fields() {
        return fields;
    }
}
