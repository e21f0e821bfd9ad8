/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.analytics.testing.Pool;
import dev.millrace.analytics.testing.Trino;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plugin's functions in a real Trino, by their plain names. */
@ExtendWith({Pool.Shared.class, Trino.Shared.class})
@Timeout(180)
class FunctionsIT {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "w3c_log_parse('10.0.0.1 - frank [10/Oct/2026:13:55:36 -0700] \"GET /a b HTTP/1.0\" 200 2326', 'COMMON') | [10.0.0.1, -, frank, 10/Oct/2026:13:55:36 -0700, GET /a b HTTP/1.0, 200, 2326]",
                "w3c_log_parse('h - - [t] \"r\" 200 1 \"ref\" \"a \\\"b\\\"\"', 'combined')[9] | a \\\"b\\\"",
                "w3c_log_parse('not of it', 'COMMON') | null",
                "sys_log_parse('Nov  3 10:00:01 host sshd: hello') | [Nov  3 10:00:01, host sshd: hello]",
                "sys_log_parse('hello') | null",
                "variable_column_log_parse('a,b,,c', ',') | [a, b, , c]",
                "variable_column_log_parse('a\\,b,\"c,d\",e', ',', '\\', '\"') | [a,b, c,d, e]",
                "tsdiff(TIMESTAMP '2026-11-24 10:00:01.5', TIMESTAMP '2026-11-24 10:00:00') | 1500",
                "unix_timestamp(TIMESTAMP '1970-01-01 00:01:00') | 60000",
                "hotspots(ARRAY[ARRAY[1, 1], ARRAY[1.1, 1], ARRAY[1, 1.1], ARRAY[9, 9]], 0.5, 3) | {\"hotspots\":[{\"density\":12.0,\"points\":3,\"minValues\":[1.0,1.0],\"maxValues\":[1.1,1.1]}]}",
            })
    void scalars(String expression, String expected, Trino trino) throws Exception {
        assertThat(trino.query("SELECT " + expression)).containsExactly(List.of(expected));
    }

    @Test
    void aLateValueWeighsLessInAnExponentialAverage(Trino trino) throws Exception {
        assertThat(
                        trino.query(
                                "SELECT round(exp_avg(v, t, INTERVAL '10' SECOND), 4), round((10 * exp(-1) + 20) / (exp(-1) + 1), 4)"
                                        + " FROM (VALUES (10e0, TIMESTAMP '2026-11-24 10:00:00'), (20e0, TIMESTAMP"
                                        + " '2026-11-24 10:00:10')) AS x(v, t)"))
                .allSatisfy(row -> assertThat(row.getFirst()).isEqualTo(row.get(1)));
        assertThat(
                        trino.query(
                                "SELECT exp_avg(v, t, INTERVAL '1' SECOND) FROM (VALUES (1e0, TIMESTAMP"
                                        + " '2026-11-24 10:00:00')) AS x(v, t) WHERE v > 1"))
                .containsExactly(List.of("null"));
    }

    @Test
    void aForestScoresEachRowByThoseBeforeIt(Trino trino) throws Exception {
        String rows =
                "(SELECT i % 2 AS k, i AS n, CASE WHEN i = 900 THEN 100e0 ELSE sin(i) END AS v"
                        + " FROM UNNEST(sequence(1, 1000)) AS x(i))";
        List<List<String>> scores =
                trino.query(
                        "SELECT n FROM (SELECT n, random_cut_forest(ARRAY[v]) OVER (PARTITION BY k ORDER BY n) AS score"
                                + " FROM "
                                + rows
                                + ") ORDER BY score DESC LIMIT 1");
        List<List<String>> explained =
                trino.query(
                        "SELECT r.anomaly_score > 3, json_extract_scalar(r.anomaly_explanation, '$.v.DIRECTION'), n FROM"
                                + " (SELECT n, random_cut_forest_with_explanation(map(ARRAY['v'], ARRAY[v]), 50, 128,"
                                + " 1000, 1) OVER (ORDER BY n) AS r FROM "
                                + rows
                                + ") WHERE n = 900");

        assertThat(scores).containsExactly(List.of("900"));
        assertThat(explained).containsExactly(List.of("true", "HIGH", "900"));
        assertThat(
                        trino.query(
                                "SELECT random_cut_forest(ARRAY[v]) OVER (ORDER BY v) FROM (VALUES CAST(NULL AS double))"
                                        + " AS x(v)"))
                .containsExactly(List.of("null"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "w3c_log_parse('a', 'NCSA') | The format of w3c_log_parse is one of [COMMON, COMMON WITH VHOST, NCSA EXTENDED, COMBINED, REFERER, AGENT], not NCSA",
                "variable_column_log_parse('a', '') | takes a delimiter",
                "hotspots(ARRAY[ARRAY[1e0]], 0, 3) | takes a radius above 0",
                "hotspots(ARRAY[ARRAY[1e0], ARRAY[1e0, 2e0]], 1, 3) | as many values each",
                "random_cut_forest(ARRAY[1e0], 1, 1, 1, 1) OVER () | subSampleSize of random_cut_forest is 10 to 1000, not 1",
            })
    void saysWhatIsWrong(String expression, String words, Trino trino) {
        assertThatThrownBy(() -> trino.query("SELECT " + expression))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(words);
    }
}
