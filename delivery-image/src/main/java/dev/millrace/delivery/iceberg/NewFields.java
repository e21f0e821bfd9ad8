/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.delivery.columns.ColumnType;
import dev.millrace.delivery.columns.ColumnType.Column;
import dev.millrace.delivery.columns.ColumnType.Scalar;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds what records have that a table does not: fields that are no columns, and numbers that are
 * too large for one. Used by one thread.
 */
final class NewFields {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is known of a field, or of a table. Names are kept in lower case, with their own. */
    private static final class Node {
        private final Map<String, Node> fields = new LinkedHashMap<>();
        private final String name;
        private @Nullable ColumnType type;
        private boolean changed;

        Node(String name, @Nullable ColumnType type) {
            this.name = name;
            this.type = type;
            if (type instanceof ColumnType.Struct(List<Column> columns)) {
                columns.forEach(this::put);
            }
        }

        private void put(Column column) {
            fields.put(
                    column.name().toLowerCase(Locale.ROOT), new Node(column.name(), column.type()));
        }
    }

    private final Node root;
    private final int columnsMax;
    private int columns;

    /**
     * @param columnsMax fields are passed over once a table has so many
     */
    NewFields(List<Column> table, int columnsMax) {
        this.root = new Node("", table.isEmpty() ? null : new ColumnType.Struct(table));
        this.columnsMax = columnsMax;
        this.columns = size(table);
    }

    /** Looks at the objects of a record; what is none is passed over. */
    void see(byte[] record) {
        try (MappingIterator<JsonNode> values = JSON.readerFor(JsonNode.class).readValues(record)) {
            while (values.hasNextValue()) {
                JsonNode value = values.nextValue();
                if (value.isObject()) {
                    object(root, value);
                }
            }
        } catch (IOException _) {
            // It will be refused, for this very reason.
        }
    }

    /** The columns that are new or wider, each with its new type; structs with their new fields. */
    List<Column> found() {
        return found(root);
    }

    private void object(Node node, JsonNode object) {
        object.properties()
                .forEach(field -> {
                    if (!field.getKey().isEmpty()) {
                        field(node, field.getKey(), field.getValue());
                    }
                });
    }

    private void field(Node node, String name, JsonNode value) {
        Node known = node.fields.get(name.toLowerCase(Locale.ROOT));
        if (known == null) {
            Optional<ColumnType> type = typeOf(value);
            if (type.isPresent() && isRoomFor(size(type.get()))) {
                Node added = new Node(name, type.get());
                added.changed = true;
                node.fields.put(name.toLowerCase(Locale.ROOT), added);
            }
        } else if (known.changed) {
            typeOf(value)
                    .ifPresent(type -> {
                        ColumnType both = together(known.type, type);
                        if (isRoomFor(size(both) - size(known.type))) {
                            known.type = both;
                        }
                    });
        } else if (known.type instanceof ColumnType.Struct && value.isObject()) {
            object(known, value);
        } else if (known.type == Scalar.INT
                && value.isIntegralNumber()
                && !value.canConvertToInt()) {
            known.type = Scalar.BIGINT;
            known.changed = true;
        }
    }

    private static List<Column> found(Node node) {
        List<Column> found = new ArrayList<>();
        for (Node field : node.fields.values()) {
            if (field.changed && field.type != null) {
                found.add(new Column(field.name, field.type));
            } else {
                List<Column> inside = found(field);
                if (!inside.isEmpty()) {
                    found.add(new Column(field.name, new ColumnType.Struct(inside)));
                }
            }
        }
        return found;
    }

    /** What a value is by itself; nothing of null and what is empty. */
    private static Optional<ColumnType> typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case BOOLEAN -> Optional.of(Scalar.BOOLEAN);
            case NUMBER ->
                    Optional.of(
                            !value.isIntegralNumber()
                                    ? Scalar.DOUBLE
                                    : value.canConvertToLong() ? Scalar.BIGINT : Scalar.STRING);
            case STRING -> Optional.of(Scalar.STRING);
            case ARRAY -> {
                Optional<ColumnType> element = Optional.empty();
                for (JsonNode one : value) {
                    Optional<ColumnType> type = typeOf(one);
                    element =
                            element.isEmpty() || type.isEmpty()
                                    ? element.or(() -> type)
                                    : Optional.of(together(element.get(), type.get()));
                }
                yield element.map(ColumnType.ListOf::new);
            }
            case OBJECT -> {
                List<Column> fields = new ArrayList<>();
                value.properties()
                        .forEach(field ->
                                typeOf(field.getValue())
                                        .filter(_ -> !field.getKey().isEmpty())
                                        .ifPresent(type ->
                                                fields.add(new Column(field.getKey(), type))));
                yield unique(fields).isEmpty()
                        ? Optional.empty()
                        : Optional.of(new ColumnType.Struct(unique(fields)));
            }
            default -> Optional.empty();
        };
    }

    /** What both are; a text where they are nothing else, for anything can be written as one. */
    private static ColumnType together(@Nullable ColumnType one, ColumnType other) {
        if (one == null || one.equals(other)) {
            return other;
        }
        boolean numbers =
                one instanceof Scalar a && other instanceof Scalar b && isNumber(a) && isNumber(b);
        if (numbers) {
            return Scalar.DOUBLE;
        }
        if (one instanceof ColumnType.ListOf(ColumnType a)
                && other instanceof ColumnType.ListOf(ColumnType b)) {
            return new ColumnType.ListOf(together(a, b));
        }
        if (one instanceof ColumnType.Struct(List<Column> a)
                && other instanceof ColumnType.Struct(List<Column> b)) {
            List<Column> all = new ArrayList<>(a);
            all.addAll(b);
            return new ColumnType.Struct(unique(all));
        }
        return Scalar.STRING;
    }

    private static boolean isNumber(Scalar type) {
        return type == Scalar.BIGINT || type == Scalar.DOUBLE;
    }

    /** Of columns with names that differ in their case only, one. */
    private static List<Column> unique(List<Column> columns) {
        Map<String, Column> unique = new LinkedHashMap<>();
        for (Column column : columns) {
            unique.merge(
                    column.name().toLowerCase(Locale.ROOT),
                    column,
                    (a, b) -> new Column(a.name(), together(a.type(), b.type())));
        }
        return List.copyOf(unique.values());
    }

    private boolean isRoomFor(int more) {
        if (columns + more > columnsMax) {
            return false;
        }
        columns += more;
        return true;
    }

    /** How many columns a type is, with those inside of it. */
    private static int size(@Nullable ColumnType type) {
        return switch (type) {
            case ColumnType.Struct(List<Column> fields) -> 1 + size(fields);
            case ColumnType.ListOf(ColumnType element) -> size(element);
            case ColumnType.MapOf(ColumnType value) -> size(value);
            case ColumnType.Decimal _ -> 1;
            case Scalar _ -> 1;
            case null -> 0;
        };
    }

    private static int size(List<Column> columns) {
        return columns.stream().mapToInt(column -> size(column.type())).sum();
    }
}
