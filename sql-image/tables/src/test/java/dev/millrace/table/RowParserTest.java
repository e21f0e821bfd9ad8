/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import dev.millrace.shard.StreamName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
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

    @Test
    void readsAvroByItsSchema() throws Exception {
        String schema =
                """
                {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"},
                  {"name": "address", "type": ["null", {"type": "record", "name": "Address", "fields": [
                    {"name": "city", "type": "string"}, {"name": "zip", "type": "int"}]}]}]}
                """;
        Schema parsed = new Schema.Parser().parse(schema);
        GenericRecord address =
                new GenericData.Record(parsed.getField("address").schema().getTypes().get(1));
        address.put("city", "Bern");
        address.put("zip", 3000);
        GenericRecord order = new GenericData.Record(parsed);
        order.put("id", 7L);
        order.put("address", address);
        DataFormat avro = new DataFormat(DataFormat.Type.AVRO, ',', Optional.of(schema));

        byte[] bytes = avro(parsed, order);
        assertThat(parse(avro, bytes))
                .isEqualTo(Map.of(0, "7", 1, "Bern", 2, "{\"city\":\"Bern\",\"zip\":3000}"));
        order.put("address", null);
        assertThat(parse(avro, avro(parsed, order))).isEqualTo(Map.of(0, "7", 2, "null"));
        assertThatThrownBy(() -> parse(avro, java.util.Arrays.copyOf(bytes, bytes.length - 3)))
                .isInstanceOf(RowFormatException.class);
        assertThatThrownBy(() -> parse(avro, "this is no Avro".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(RowFormatException.class);
        assertThatThrownBy(() -> new DataFormat(DataFormat.Type.AVRO, ','))
                .hasMessageContaining("schema");
    }

    private static byte[] avro(Schema schema, GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
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
        return parse(format, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<Integer, String> parse(DataFormat format, byte[] record)
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
                        record,
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
