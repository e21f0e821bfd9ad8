/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import dev.millrace.shard.StreamName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowParserTest {

    private static final List<Column> COLUMNS =
            List.of(
                    new Column("id", "bigint", JsonPath.ofField("id")),
                    new Column("city", "varchar", JsonPath.parse("$.address.city")),
                    new Column("address", "json", JsonPath.parse("$['address']")));

    @Test
    void findsValuesWhereverTheyLie() throws Exception {
        assertThat(
                        parse(
                                DataFormat.JSON,
                                "{\"x\":[1,{\"id\":9}],\"address\":{\"zip\":1,\"city\":\"Bärn\"},\"id\":7}"))
                .isEqualTo(Map.of(0, "7", 1, "Bärn", 2, "{\"zip\":1,\"city\":\"Bärn\"}"));
    }

    @Test
    void countsTheFirstOfTwoAndLeavesOutWhatIsNotThere() throws Exception {
        assertThat(parse(DataFormat.JSON, "{\"id\":1,\"id\":2}")).isEqualTo(Map.of(0, "1"));
        assertThat(parse(DataFormat.JSON, "{}")).isEmpty();
    }

    @Test
    void readsCsvInTheOrderOfTheColumns() throws Exception {
        assertThat(parse(new DataFormat(DataFormat.Type.CSV, ';'), "7;\"Z\u00fcrich; HB\";x"))
                .isEqualTo(Map.of(0, "7", 1, "Z\u00fcrich; HB", 2, "x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[1]", "7", "{\"id\":1", "{\"id\":1} {\"id\":2}", "{\"id\":1,\"z\":}"})
    void refusesWhatIsNoRow(String text) {
        assertThatThrownBy(() -> parse(DataFormat.JSON, text))
                .isInstanceOf(RowFormatException.class);
    }

    @Test
    void readsPaths() {
        assertThat(JsonPath.parse("$.a['b c'].d").fields()).containsExactly("a", "b c", "d");
        assertThat(JsonPath.parse(JsonPath.parse("$['it\\'s']").toString()).fields())
                .containsExactly("it's");
        assertThat(JsonPath.parse("$").fields()).isEmpty();
        for (String bad : List.of("a", "$.", "$.a[*]", "$..a", "$.a[0]")) {
            assertThatThrownBy(() -> JsonPath.parse(bad))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void writesRangesAndReadsThem() {
        for (String text : List.of("", "0:1-2", "3:0-17;4:5-5", "3:0-17@-5;4:5-9@1700000000000")) {
            assertThat(ScanRanges.parse(text)).hasToString(text);
        }
        for (String bad : List.of("x", "1:2", "1:5-2", "1:2-3@", "latest")) {
            assertThatThrownBy(() -> ScanRanges.parse(bad))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Map<Integer, String> parse(DataFormat format, String text)
            throws RowFormatException {
        TableDescription table =
                new TableDescription(
                        "t",
                        new StreamName("s"),
                        format,
                        COLUMNS,
                        Optional.empty(),
                        TableDescription.OnError.DROP);
        Map<Integer, String> found = new TreeMap<>();
        new RowParser(table, COLUMNS)
                .parse(
                        text.getBytes(StandardCharsets.UTF_8),
                        new RowParser.Sink() {
                            @Override
                            public void scalar(int column, JsonParser at) throws IOException {
                                found.put(column, at.getText());
                            }

                            @Override
                            public void json(int column, byte[] data, int from, int to) {
                                found.put(
                                        column,
                                        new String(data, from, to - from, StandardCharsets.UTF_8));
                            }
                        });
        return found;
    }
}
