/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the bytes of a record are.
 *
 * @param type JSON: one object a record. CSV: one line a record, its fields in the order of the
 *     columns. AVRO: one record of the schema, in Avro's binary form. RAW: text, all of it in the
 *     one column
 * @param delimiter between the fields of a CSV line, one character
 * @param schema of Avro, as JSON
 */
public record DataFormat(Type type, char delimiter, Optional<String> schema) {

    /** The kinds of formats. */
    public enum Type {
        JSON,
        CSV,
        AVRO,
        RAW
    }

    public static final DataFormat JSON = new DataFormat(Type.JSON, ',');

    public DataFormat {
        if (type == Type.AVRO && schema.isEmpty()) {
            throw new IllegalArgumentException("AVRO needs the schema of its records");
        }
    }

    public DataFormat(Type type, char delimiter) {
        this(type, delimiter, Optional.empty());
    }

    @JsonCreator
    static DataFormat of(
            @JsonProperty("type") @Nullable Type type,
            @JsonProperty("delimiter") @Nullable String delimiter,
            @JsonProperty("schema") @Nullable JsonNode schema) {
        if (delimiter != null && delimiter.length() != 1) {
            throw new IllegalArgumentException(
                    "A delimiter is one character, not '" + delimiter + "'");
        }
        return new DataFormat(
                type == null ? Type.JSON : type,
                delimiter == null ? ',' : delimiter.charAt(0),
                Optional.ofNullable(schema)
                        .filter(node -> !node.isNull())
                        .map(node -> node.isTextual() ? node.textValue() : node.toString()));
    }
}
