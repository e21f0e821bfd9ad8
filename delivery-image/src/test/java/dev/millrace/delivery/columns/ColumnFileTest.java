/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.columns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.delivery.columns.ColumnType.Column;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.ql.exec.vector.VectorizedRowBatch;
import org.apache.orc.Reader;
import org.apache.orc.RecordReader;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.LocalInputFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are read back with the readers of Parquet and ORC themselves. */
class ColumnFileTest {

    private static final List<Column> COLUMNS =
            List.of(
                    column("id", "bigint"),
                    column("name", "varchar(20)"),
                    column("count", "int"),
                    column("ratio", "double"),
                    column("part", "float"),
                    column("paid", "boolean"),
                    column("day", "date"),
                    column("at", "timestamp"),
                    column("price", "decimal(10,2)"),
                    column("blob", "binary"),
                    column("tags", "array<string>"),
                    column("items", "array<struct<sku:string,n:int>>"),
                    column("attributes", "map<string,double>"),
                    column("customer", "struct<id:int,address:struct<city:string>>"));

    private static final String FULL =
            """
            {"ID": 1, "name": "n\u00e4me", "count": "7", "ratio": 0.5, "part": 1.5, "paid": "TRUE",
             "day": "2026-11-23", "at": "2026-11-23T10:00:00.123456Z", "price": "-12.345",
             "blob": "AQI=", "tags": ["a", null, "b"], "items": [{"sku": "x", "n": 2}, {}],
             "attributes": {"w": 1, "h": null}, "customer": {"id": 9, "address": {"city": "B"}},
             "other": {"passed": ["over"]}}
            """;

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"SNAPPY", "GZIP", "ZSTD", "UNCOMPRESSED"})
    void parquetHoldsWhatIsInTheRecords(String compression) throws Exception {
        Path file = write(new ParquetFile(COLUMNS, compression), FULL, "{}", FULL);
        List<Group> rows = new ArrayList<>();
        try (ParquetReader<Group> reader =
                new ParquetReader.Builder<Group>(new LocalInputFile(file)) {
                    @Override
                    protected GroupReadSupport getReadSupport() {
                        return new GroupReadSupport();
                    }
                }.build()) {
            for (Group row = reader.read(); row != null; row = reader.read()) {
                rows.add(row);
            }
        }
        assertThat(rows).hasSize(3);
        assertThat(rows.get(1).toString()).isEmpty();
        Group row = rows.get(2);
        assertThat(row.getLong("id", 0)).isEqualTo(1);
        assertThat(row.getString("name", 0)).isEqualTo("n\u00e4me");
        assertThat(row.getInteger("count", 0)).isEqualTo(7);
        assertThat(row.getInteger("day", 0)).isEqualTo(20_780);
        assertThat(row.getLong("at", 0)).isEqualTo(1_795_428_000_123_456L);
        assertThat(new java.math.BigInteger(row.getBinary("price", 0).getBytes()).intValue())
                .isEqualTo(-1235);
        assertThat(row.getGroup("tags", 0).getFieldRepetitionCount("list")).isEqualTo(3);
        assertThat(
                        row.getGroup("items", 0)
                                .getGroup("list", 0)
                                .getGroup("element", 0)
                                .getInteger("n", 0))
                .isEqualTo(2);
        assertThat(row.getGroup("attributes", 0).getFieldRepetitionCount("key_value")).isEqualTo(2);
        assertThat(row.getGroup("customer", 0).getGroup("address", 0).getString("city", 0))
                .isEqualTo("B");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SNAPPY", "ZLIB", "ZSTD", "NONE"})
    void orcHoldsWhatIsInTheRecords(String compression) throws Exception {
        String[] records = new String[2_500];
        java.util.Arrays.fill(records, FULL);
        records[1] = "{}";
        Path file = write(new OrcFile(COLUMNS, compression), records);
        StringBuilder rows = new StringBuilder();
        long count = 0;
        try (Reader reader =
                        org.apache.orc.OrcFile.createReader(
                                new org.apache.hadoop.fs.Path(file.toUri()),
                                org.apache.orc.OrcFile.readerOptions(new Configuration(false))
                                        .useUTCTimestamp(true));
                RecordReader read = reader.rows()) {
            VectorizedRowBatch batch = reader.getSchema().createRowBatch();
            while (read.nextBatch(batch)) {
                if (count == 0) {
                    for (int i = 0; i < 3; i++) {
                        for (int c = 0; c < batch.cols.length; c++) {
                            batch.cols[c].stringifyValue(rows, i);
                            rows.append(' ');
                        }
                        rows.append('\n');
                    }
                }
                count += batch.size;
            }
        }
        assertThat(count).isEqualTo(2_500);
        String[] lines = rows.toString().split("\n");
        assertThat(lines[1]).isEqualTo("null ".repeat(COLUMNS.size()));
        assertThat(lines[2])
                .isEqualTo(lines[0])
                .contains("n\u00e4me")
                .contains("-12.35")
                .contains("2026-11-23 10:00:00.123456")
                .contains("\"a\", null, \"b\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"id": "x"}             | MalformedData | id: 'x' is no number
                    {"id": 1.5}             | MalformedData | id: Rounding necessary
                    {"count": 3000000000}   | MalformedData | count: Overflow
                    {"paid": "maybe"}       | MalformedData | paid: 'maybe' is no boolean
                    {"tags": "a"}           | MalformedData | tags: an array is expected
                    {"at": "yesterday"}     | MalformedData | at: 'yesterday' is no timestamp
                    {"day": "23.11.2026"}   | MalformedData | day: Text '23.11.2026' could not be parsed
                    {"price": 123456789.00} | MalformedData | price: 123456789.00 does not fit
                    {"customer": {"id": []}} | MalformedData | customer: id: not expected
                    [{"id": 1}]             | ParseError    | JSON objects are expected
                    {"id": 1                | ParseError    | no JSON
                    ''                      | ParseError    | the record is empty
                    """)
    void refusesWhatIsNoRow(String record, String code, String message) {
        assertThatThrownBy(() -> reader().rows(bytes(record)))
                .isInstanceOfSatisfying(
                        RowException.class,
                        e -> assertThat(e.code()).isEqualTo("DataFormatConversion." + code))
                .hasMessageContaining(message);
    }

    @Test
    void takesSeveralObjectsOfARecord() throws Exception {
        assertThat(reader().rows(bytes("{\"id\":1}{\"id\":2}\n{\"id\":3}"))).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "1795428000, 1795428000000000",
        "1795428000123, 1795428000123000",
        "1795428000.5, 1795428000500000",
        "'\"1795428000\"', 1795428000000000",
        "'\"2026-11-23 10:00:00\"', 1795428000000000",
        "'\"2026-11-23T11:00:00.000000001+01:00\"', 1795428000000000",
        "'\"2026-11-23\"', 1795392000000000",
        "'\"23/Nov/2026:10:00:00 +0000\"', 1795428000000000",
    })
    void readsTimestampsInManyForms(String value, long micros) throws Exception {
        RowReader reader =
                new RowReader(
                        COLUMNS,
                        RowReader.Keys.PLAIN,
                        new Timestamps(List.of("dd/MMM/yyyy:HH:mm:ss Z")));
        assertThat(reader.rows(bytes("{\"at\":" + value + "}")).getFirst()[7]).isEqualTo(micros);
    }

    @Test
    void mapsKeysAsTold() throws Exception {
        RowReader.Keys keys = new RowReader.Keys(true, true, Map.of("b", "Bee"));
        RowReader reader =
                new RowReader(
                        List.of(column("a_x", "int"), column("b", "string")),
                        keys,
                        new Timestamps(List.of()));
        @Nullable Object[] row =
                reader.rows(bytes("{\"a.x\":1,\"A.X\":2,\"Bee\":{\"c\":[1]},\"b\":0}")).getFirst();
        assertThat(row).containsExactly(1, "{\"c\":[1]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text", "array<int", "map<int,int>", "struct<>", "decimal(3,4)", "int>"})
    void refusesWhatIsNoType(String type) {
        assertThatThrownBy(() -> ColumnType.parse(type))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Path write(ColumnFile format, String... records) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = bytes;
                ColumnFile.Writer writer = format.into(out, 1 << 20)) {
            for (String record : records) {
                for (@Nullable Object[] row : reader().rows(bytes(record))) {
                    writer.write(row);
                }
            }
        }
        return Files.write(directory.resolve("rows" + format.extension()), bytes.toByteArray());
    }

    private static RowReader reader() {
        return new RowReader(COLUMNS, RowReader.Keys.PLAIN, new Timestamps(List.of()));
    }

    private static Column column(String name, String type) {
        return new Column(name, ColumnType.parse(type));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
