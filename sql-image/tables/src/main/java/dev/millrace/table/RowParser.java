/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.core.FormatSchema;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.node.TreeTraversingParser;
import com.fasterxml.jackson.dataformat.avro.AvroFactory;
import com.fasterxml.jackson.dataformat.avro.AvroSchema;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Finds the values of some columns in records, in one pass over each and with no tree of it. All of
 * a record is read, so that whether it is a row does not depend on the columns that are asked for.
 * One thread at a time may use it.
 */
public final class RowParser {

    private static final JsonFactory JSON = new JsonFactory();

    /** Takes what is found. A column that comes twice in a record counts the first time. */
    public interface Sink {
        /**
         * A text, a number, true, false or null.
         *
         * @param column its place in the list that was asked for
         * @param at stands at the value
         * @throws RowFormatException if it is no value of the column's type
         */
        void scalar(int column, JsonParser at) throws IOException, RowFormatException;

        /**
         * An object or an array.
         *
         * @param data the record; the value is its bytes {@code from} to {@code to}, exclusive
         */
        void json(int column, byte[] data, int from, int to) throws RowFormatException;

        /** A scalar that needs no parser. */
        default void plain(int column, PlainScalar value) throws IOException, RowFormatException {
            try (JsonParser parser = value.parser()) {
                scalar(column, parser);
            }
        }
    }

    private static final class Node {
        private final Map<String, Node> fields = new HashMap<>();
        private int[] columns = {};

        Node at(String field) {
            return fields.computeIfAbsent(field, _ -> new Node());
        }

        void add(int column) {
            columns = Arrays.copyOf(columns, columns.length + 1);
            columns[columns.length - 1] = column;
        }

        PlainJson.Node plain() {
            PlainJson.Node plain = new PlainJson.Node(columns);
            fields.forEach((name, field) ->
                    plain.add(name.getBytes(StandardCharsets.UTF_8), field.plain()));
            return plain;
        }
    }

    private final DataFormat format;
    private final Node root = new Node();
    private final long[] seen;
    private final @Nullable FormatSchema schema;
    private final JsonFactory factory;
    private final @Nullable PlainJson plain;
    private long row;

    /**
     * @param asked the columns whose values are wanted
     */
    public RowParser(TableDescription table, List<Column> asked) {
        this(table, asked, true);
    }

    /**
     * @param fast whether records that are plain are read without Jackson
     */
    RowParser(TableDescription table, List<Column> asked, boolean fast) {
        this.format = table.format();
        this.seen = new long[asked.size()];
        for (int i = 0; i < asked.size(); i++) {
            Node node = root;
            JsonPath path =
                    format.type() == DataFormat.Type.CSV || format.type() == DataFormat.Type.RAW
                            ? JsonPath.ofField(asked.get(i).name())
                            : asked.get(i).path();
            for (String field : path.fields()) {
                node = node.at(field);
            }
            node.add(i);
        }
        this.factory =
                switch (format.type()) {
                    case CSV -> new CsvFactory();
                    case AVRO -> new AvroFactory();
                    case JSON, RAW -> JSON;
                };
        this.schema =
                switch (format.type()) {
                    case CSV -> schema(table);
                    case AVRO -> avro(table);
                    case JSON, RAW -> null;
                };
        this.plain =
                fast && format.type() == DataFormat.Type.JSON
                        ? new PlainJson(root.plain(), asked.size())
                        : null;
    }

    private static AvroSchema avro(TableDescription table) {
        try {
            return new AvroSchema(new Schema.Parser().parse(table.format().schema().orElseThrow()));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "Table " + table.name() + ": no schema of Avro: " + e.getMessage(), e);
        }
    }

    private static CsvSchema schema(TableDescription table) {
        CsvSchema.Builder builder = CsvSchema.builder();
        List<String> names = new ArrayList<>();
        table.columns().forEach(column -> names.add(column.name()));
        names.forEach(builder::addColumn);
        return builder.setColumnSeparator(table.format().delimiter())
                .setUseHeader(false)
                .setNullValue("")
                .build();
    }

    /**
     * @throws RowFormatException if the bytes are no row; the sink may have got some values then
     */
    public void parse(byte[] data, Sink sink) throws RowFormatException {
        row++;
        if (format.type() == DataFormat.Type.RAW) {
            raw(data, sink);
            return;
        }
        try {
            if (plain != null && plain.scan(data)) {
                plain.feed(sink);
            } else {
                any(data, sink);
            }
        } catch (JacksonException e) {
            throw new RowFormatException(String.valueOf(e.getOriginalMessage()), e);
        } catch (IOException e) {
            if (format.type() == DataFormat.Type.AVRO) {
                throw new RowFormatException("The record is not of the schema: " + e, e);
            }
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            if (format.type() != DataFormat.Type.AVRO) {
                throw e;
            }
            // Bytes of another schema lead Avro's decoder astray in many ways.
            throw new RowFormatException("The record is not of the schema: " + e, e);
        }
    }

    private void any(byte[] data, Sink sink) throws IOException, RowFormatException {
        try (JsonParser parser = factory.createParser(data)) {
            if (schema != null) {
                parser.setSchema(schema);
            }
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                throw new RowFormatException(
                        first == null ? "The record is empty" : "The record is no JSON object");
            }
            value(root, data, parser, sink);
            if (parser.nextToken() != null) {
                throw new RowFormatException("There is more behind the record's first row");
            }
        }
    }

    /** Reads one value to its last token. */
    private void value(Node node, byte[] data, JsonParser parser, Sink sink)
            throws IOException, RowFormatException {
        boolean isObject = parser.currentToken() == JsonToken.START_OBJECT;
        if (!isObject && parser.currentToken() != JsonToken.START_ARRAY) {
            for (int column : node.columns) {
                if (isFirst(column)) {
                    sink.scalar(column, parser);
                }
            }
            return;
        }
        if (schema != null && node.columns.length > 0) {
            nested(node, parser, sink);
            return;
        }
        long from = node.columns.length == 0 ? 0 : parser.currentTokenLocation().getByteOffset();
        if (isObject && !node.fields.isEmpty()) {
            object(node, data, parser, sink);
        } else {
            parser.skipChildren();
        }
        for (int column : node.columns) {
            if (isFirst(column)) {
                if (from < 0) {
                    throw new RowFormatException("The record is not UTF-8");
                }
                long to = parser.currentLocation().getByteOffset();
                sink.json(column, data, (int) from, (int) to);
            }
        }
    }

    /** A nested value of a form that is not JSON, made into JSON. */
    private void nested(Node node, JsonParser parser, Sink sink)
            throws IOException, RowFormatException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator generator = JSON.createGenerator(bytes)) {
            generator.copyCurrentStructure(parser);
        }
        byte[] json = bytes.toByteArray();
        for (int column : node.columns) {
            if (isFirst(column)) {
                sink.json(column, json, 0, json.length);
            }
        }
        if (!node.fields.isEmpty() && json.length > 0 && json[0] == '{') {
            try (JsonParser again = JSON.createParser(json)) {
                again.nextToken();
                object(node, json, again, sink);
            }
        }
    }

    private void object(Node node, byte[] data, JsonParser parser, Sink sink)
            throws IOException, RowFormatException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            Node field = node.fields.get(parser.currentName());
            parser.nextToken();
            if (field == null) {
                parser.skipChildren();
            } else {
                value(field, data, parser, sink);
            }
        }
    }

    private boolean isFirst(int column) {
        boolean first = seen[column] != row;
        seen[column] = row;
        return first;
    }

    private void raw(byte[] data, Sink sink) throws RowFormatException {
        if (seen.length == 0) {
            return;
        }
        try (JsonParser parser =
                new TreeTraversingParser(
                        TextNode.valueOf(new String(data, StandardCharsets.UTF_8)))) {
            parser.nextToken();
            for (int column = 0; column < seen.length; column++) {
                sink.scalar(column, parser);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
