/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What the bytes of a record are.
 *
 * @param type JSON: one object a record. CSV: one line a record, its fields in the order of the
 *     columns. RAW: text, all of it in the one column
 * @param delimiter between the fields of a CSV line, one character
 */
public record DataFormat(Type type, char delimiter) {

    /** The kinds of formats. */
    public enum Type {
        JSON,
        CSV,
        RAW
    }

    public static final DataFormat JSON = new DataFormat(Type.JSON, ',');

    @JsonCreator
    static DataFormat of(
            @JsonProperty("type") @Nullable Type type,
            @JsonProperty("delimiter") @Nullable String delimiter) {
        if (delimiter != null && delimiter.length() != 1) {
            throw new IllegalArgumentException(
                    "A delimiter is one character, not '" + delimiter + "'");
        }
        return new DataFormat(
                type == null ? Type.JSON : type, delimiter == null ? ',' : delimiter.charAt(0));
    }
}
