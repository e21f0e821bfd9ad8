/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From JSON to a format of columns. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value =
                "!has(self.compression) || (self.format == 'Parquet' ? self.compression in ['SNAPPY', 'GZIP', 'ZSTD', 'UNCOMPRESSED'] : self.compression in ['SNAPPY', 'ZLIB', 'ZSTD', 'NONE'])",
        message =
                "compression: SNAPPY, GZIP, ZSTD or UNCOMPRESSED for Parquet; SNAPPY, ZLIB, ZSTD or NONE for ORC",
        fieldPath = ".compression")
public record DataFormatConversion(
        @JsonPropertyDescription("Parquet or ORC.") @Required Format format,
        @JsonPropertyDescription("The compression inside of it; by default SNAPPY.") @Size(max = 20)
                @Nullable String compression,
        @JsonPropertyDescription("The columns, in their order.") @Required @Size(min = 1, max = 200)
                List<Column> columns,
        @JsonPropertyDescription(
                        "Patterns of Java's DateTimeFormatter for texts that are times, beside ISO 8601; millis for a number of milliseconds.")
                @Size(max = 20)
                @Nullable List<String> timestampFormats,
        @JsonPropertyDescription("Whether keys are matched in their own case; by default not.")
                @Nullable Boolean caseSensitive,
        @JsonPropertyDescription("Whether dots in keys become underscores; by default not.")
                @Nullable Boolean convertDotsInJsonKeysToUnderscores,
        @JsonPropertyDescription("From columns to the JSON keys that they are read from.")
                @Size(max = 200)
                @Nullable Map<String, String> columnToJsonKeyMappings) {

    public DataFormatConversion {
        columns = columns == null ? List.of() : List.copyOf(columns);
    }

    public enum Format {
        Parquet,
        ORC
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Column(
            @JsonPropertyDescription("Its name.") @Required @Size(min = 1, max = 255) String name,
            @JsonPropertyDescription(
                            "Its type in Hive's words: string, int, bigint, double, boolean, date, timestamp, decimal(p,s), array<...>, struct<...>, map<...>.")
                    @Required
                    @Pattern(
                            "^(string|char|varchar|tinyint|smallint|int|integer|bigint|float|double|boolean|date|timestamp|binary|decimal|array|struct|map)\\b.*$")
                    @Size(min = 1, max = 2_048)
                    String type) {}
}
