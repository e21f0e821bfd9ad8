/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.millrace.shard.StreamName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stream as a table: what a query knows of it. As a file, JSON, it lies in a directory that the
 * connector reads.
 *
 * @param name the table's name, lower case
 * @param stream the stream whose records are its rows
 * @param columns none if nothing is known of its records
 * @param rowtime the column that says when a row happened; without one, a record's arrival does
 * @param onError what becomes of a record that is no row
 */
public record TableDescription(
        String name,
        StreamName stream,
        DataFormat format,
        List<Column> columns,
        Optional<String> rowtime,
        OnError onError) {

    /** What becomes of a record that is no row, or has no rowtime though a column is declared. */
    public enum OnError {
        /** It is left out; who runs queries continuously counts it. */
        DROP,
        /** It is a row whose columns are NULL and that happened when it arrived. */
        NULL,
        /** The query fails and names it. */
        FAIL
    }

    /** The endings of the files' names. */
    public static final String SUFFIX = ".json";

    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    @JsonCreator
    static TableDescription of(
            @JsonProperty(value = "name", required = true) String name,
            @JsonProperty(value = "stream", required = true) String stream,
            @JsonProperty("format") @Nullable DataFormat format,
            @JsonProperty("columns") @Nullable List<Column> columns,
            @JsonProperty("rowtime") @Nullable String rowtime,
            @JsonProperty("onError") @Nullable OnError onError) {
        return new TableDescription(
                name,
                new StreamName(stream),
                format == null ? DataFormat.JSON : format,
                columns == null ? List.of() : columns,
                Optional.ofNullable(rowtime),
                onError == null ? OnError.DROP : onError);
    }

    public TableDescription {
        name = name.toLowerCase(Locale.ROOT);
        columns = List.copyOf(columns);
        Objects.requireNonNull(format);
        rowtime = rowtime.map(column -> column.toLowerCase(Locale.ROOT));
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException(
                        "Table " + name + " has the column " + column.name() + " twice");
            }
            if (HiddenColumn.named(column.name()).isPresent()) {
                throw new IllegalArgumentException(
                        "Table "
                                + name
                                + " cannot have a column "
                                + column.name()
                                + ": every table has one of that name, hidden");
            }
        }
        if (rowtime.isPresent() && !names.contains(rowtime.get())) {
            throw new IllegalArgumentException(
                    "Table " + name + " has no column " + rowtime.get() + " for its rowtime");
        }
        if (format.type() == DataFormat.Type.RAW && columns.size() > 1) {
            throw new IllegalArgumentException(
                    "Table " + name + " is RAW, so that it has one column at most");
        }
    }

    /** A stream of which nothing is known but its name. */
    public static TableDescription ofStream(StreamName stream) {
        return new TableDescription(
                stream.value(), stream, DataFormat.JSON, List.of(), Optional.empty(), OnError.DROP);
    }

    @JsonIgnore
    public Optional<Column> rowtimeColumn() {
        return rowtime.flatMap(this::column);
    }

    public Optional<Column> column(String columnName) {
        return columns.stream().filter(column -> column.name().equals(columnName)).findFirst();
    }

    /**
     * @throws IllegalArgumentException if the text is no description of a table
     */
    public static TableDescription parse(String json) {
        try {
            return MAPPER.readValue(json, TableDescription.class);
        } catch (JacksonException e) {
            Throwable cause = e.getCause() instanceof IllegalArgumentException inner ? inner : e;
            throw new IllegalArgumentException(
                    "Not the description of a table: "
                            + (cause == e ? e.getOriginalMessage() : cause.getMessage()),
                    e);
        }
    }

    /** The form that {@link #parse} reads. */
    public String toJson() {
        try {
            return MAPPER.writeValueAsString(
                    new Written(name, stream.value(), format, columns, rowtime, onError));
        } catch (JacksonException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes the file of this table, as a whole or not at all. */
    public void writeTo(Path directory) throws IOException {
        Path part = directory.resolve(name + ".part");
        Files.writeString(part, toJson());
        Files.move(
                part,
                directory.resolve(name + SUFFIX),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private record Written(
            String name,
            String stream,
            DataFormat format,
            List<Column> columns,
            Optional<String> rowtime,
            OnError onError) {}
}
