/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SchemaInferenceTest {

    @Test
    void objectsBecomeColumnsWithPaths() {
        SchemaProposal proposal =
                proposal(
                        "{\"id\": 1, \"Price\": 2, \"paid\": true, \"to\": {\"city\": \"Bern\"}, \"lines\": [1], \"at\": 1795428000000}",
                        "{\"id\": 2, \"Price\": 2.5, \"paid\": null, \"to\": {\"city\": \"Basel\", \"zip\": 4000}, \"lines\": [], \"at\": 1795428001000}",
                        "no JSON");

        assertThat(columns(proposal))
                .containsExactly(
                        "id bigint $['id']",
                        "price double $['Price']",
                        "paid boolean $['paid']",
                        "to_city varchar $['to']['city']",
                        "lines json $['lines']",
                        "at timestamp(3) $['at']",
                        "to_zip bigint $['to']['zip']");
        assertThat(proposal.rowtime()).contains("at");
        assertThat(proposal.records()).isEqualTo(3);
        assertThat(proposal.others()).isEqualTo(1);
        assertThat(proposal.format()).isEqualTo(DataFormat.JSON);
    }

    @Test
    void aTimeIsOneByItsValuesAndANumberByItsName() {
        assertThat(proposal("{\"when\": \"2026-11-23T10:00:00Z\", \"time\": 1795428000}").rowtime())
                .contains("when");
        assertThat(proposal("{\"n\": 1795428000}").rowtime()).isEmpty();
        assertThat(proposal("{\"time\": 17}").rowtime()).isEmpty();
        assertThat(columns(proposal("{\"a\": \"2026-11-23\"}", "{\"a\": \"soon\"}")))
                .containsExactly("a varchar $['a']");
    }

    @Test
    void namesAreMadeFitForSqlAndUnique() {
        assertThat(columns(proposal("{\"a b\": 1, \"a_b\": 2, \"1\": 3, \"_data\": 4}")))
                .containsExactly(
                        "a_b bigint $['a b']",
                        "a_b_2 bigint $['a_b']",
                        "_1 bigint $['1']",
                        "own_data bigint $['_data']");
    }

    @Test
    void linesAreDividedByWhatDividesAllOfThemAlike() {
        SchemaProposal proposal =
                proposal("1;2026-11-23 10:00:00;a, b;0.5\n", "2;2026-11-23 10:00:01;\"c;d\";7");

        assertThat(proposal.format().type()).isEqualTo(DataFormat.Type.CSV);
        assertThat(proposal.format().delimiter()).isEqualTo(';');
        assertThat(columns(proposal))
                .containsExactly(
                        "col_1 bigint $['col_1']",
                        "col_2 timestamp(3) $['col_2']",
                        "col_3 varchar $['col_3']",
                        "col_4 double $['col_4']");
        assertThat(proposal.rowtime()).contains("col_2");
    }

    @Test
    void anythingElseIsText() {
        SchemaProposal proposal = proposal("hello", "a, b", "c");

        assertThat(proposal.format().type()).isEqualTo(DataFormat.Type.RAW);
        assertThat(columns(proposal)).containsExactly("line varchar $['line']");
    }

    @Test
    void aDeclaredFormatIsTakenAtItsWord() {
        SchemaProposal proposal =
                SchemaInference.of(
                        List.of("1|2".getBytes(StandardCharsets.UTF_8)),
                        Optional.of(new DataFormat(DataFormat.Type.CSV, '|')));

        assertThat(columns(proposal))
                .containsExactly("col_1 bigint $['col_1']", "col_2 bigint $['col_2']");
    }

    private static SchemaProposal proposal(String... records) {
        return SchemaInference.of(
                Arrays.stream(records).map(r -> r.getBytes(StandardCharsets.UTF_8)).toList(),
                Optional.empty());
    }

    private static List<String> columns(SchemaProposal proposal) {
        return proposal.columns().stream()
                .map(column -> column.name() + " " + column.type() + " " + column.path())
                .toList();
    }
}
