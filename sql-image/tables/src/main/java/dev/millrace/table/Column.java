/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column of a stream's table.
 *
 * @param name lower case, as SQL has names that are not quoted
 * @param type a type as Trino writes it: {@code varchar}, {@code decimal(10,2)}
 * @param path where its value lies in a record
 */
public record Column(String name, String type, JsonPath path) {

    @JsonCreator
    static Column of(
            @JsonProperty(value = "name", required = true) String name,
            @JsonProperty(value = "type", required = true) String type,
            @JsonProperty("path") @Nullable JsonPath path) {
        return new Column(name, type, path == null ? JsonPath.ofField(name) : path);
    }

    public Column {
        name = name.toLowerCase(Locale.ROOT);
        type = type.trim().toLowerCase(Locale.ROOT);
        if (name.isBlank()) {
            throw new IllegalArgumentException("A column has no name");
        }
    }
}
