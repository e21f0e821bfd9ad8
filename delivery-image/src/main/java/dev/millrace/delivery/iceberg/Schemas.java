/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import dev.millrace.delivery.columns.ColumnType;
import dev.millrace.delivery.columns.ColumnType.Column;
import dev.millrace.delivery.columns.ColumnType.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** Between columns in Hive's words, which users declare, and Iceberg's schemas. */
final class Schemas {

    private Schemas() {}

    /** Columns that may all be null. Iceberg numbers them anew when it takes them over. */
    static Schema of(List<Column> columns) {
        return new Schema(fields(columns, new AtomicInteger()));
    }

    /**
     * The columns of a table.
     *
     * @throws IllegalArgumentException if one has a type that JSON cannot be
     */
    static List<Column> columns(List<NestedField> fields) {
        return fields.stream().map(field -> new Column(field.name(), type(field.type()))).toList();
    }

    /**
     * Adds columns that a table lacks and makes those wider that may be: int to bigint, float to
     * double, decimals to more digits. None is taken away, made narrower or made optional.
     *
     * @return whether there is anything to do
     */
    static boolean widen(UpdateSchema update, Schema table, List<Column> wanted) {
        return widen(update, "", table.asStruct(), wanted);
    }

    private static boolean widen(
            UpdateSchema update, String parent, Types.StructType struct, List<Column> wanted) {
        boolean any = false;
        for (Column column : wanted) {
            NestedField known = struct.caseInsensitiveField(column.name());
            Type type = type(column.type(), new AtomicInteger());
            if (known == null) {
                if (parent.isEmpty()) {
                    update.addColumn(column.name(), type);
                } else {
                    update.addColumn(parent, column.name(), type);
                }
                any = true;
                continue;
            }
            String name = parent.isEmpty() ? known.name() : parent + "." + known.name();
            if (known.type().isStructType()
                    && column.type() instanceof ColumnType.Struct(List<Column> fields)) {
                any |= widen(update, name, known.type().asStructType(), fields);
            } else if (isWider(known.type(), type)) {
                update.updateColumn(name, type.asPrimitiveType());
                any = true;
            }
        }
        return any;
    }

    private static boolean isWider(Type known, Type wanted) {
        return known.isPrimitiveType()
                && wanted.isPrimitiveType()
                && !known.equals(wanted)
                && TypeUtil.isPromotionAllowed(known, wanted.asPrimitiveType());
    }

    private static List<NestedField> fields(List<Column> columns, AtomicInteger ids) {
        List<NestedField> fields = new ArrayList<>();
        for (Column column : columns) {
            int id = ids.incrementAndGet();
            fields.add(NestedField.optional(id, column.name(), type(column.type(), ids)));
        }
        return fields;
    }

    private static Type type(ColumnType type, AtomicInteger ids) {
        return switch (type) {
            case Scalar scalar ->
                    switch (scalar) {
                        case STRING -> Types.StringType.get();
                        case INT -> Types.IntegerType.get();
                        case BIGINT -> Types.LongType.get();
                        case FLOAT -> Types.FloatType.get();
                        case DOUBLE -> Types.DoubleType.get();
                        case BOOLEAN -> Types.BooleanType.get();
                        case DATE -> Types.DateType.get();
                        case TIMESTAMP -> Types.TimestampType.withZone();
                        case BINARY -> Types.BinaryType.get();
                    };
            case ColumnType.Decimal(int precision, int scale) ->
                    Types.DecimalType.of(precision, scale);
            case ColumnType.ListOf(ColumnType element) ->
                    Types.ListType.ofOptional(ids.incrementAndGet(), type(element, ids));
            case ColumnType.MapOf(ColumnType value) ->
                    Types.MapType.ofOptional(
                            ids.incrementAndGet(),
                            ids.incrementAndGet(),
                            Types.StringType.get(),
                            type(value, ids));
            case ColumnType.Struct(List<Column> columns) ->
                    Types.StructType.of(fields(columns, ids));
        };
    }

    private static ColumnType type(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> Scalar.BOOLEAN;
            case INTEGER -> Scalar.INT;
            case LONG -> Scalar.BIGINT;
            case FLOAT -> Scalar.FLOAT;
            case DOUBLE -> Scalar.DOUBLE;
            case DATE -> Scalar.DATE;
            case TIMESTAMP -> Scalar.TIMESTAMP;
            case STRING -> Scalar.STRING;
            case BINARY -> Scalar.BINARY;
            case DECIMAL -> {
                Types.DecimalType decimal = (Types.DecimalType) type;
                yield new ColumnType.Decimal(decimal.precision(), decimal.scale());
            }
            case STRUCT -> new ColumnType.Struct(columns(type.asStructType().fields()));
            case LIST -> new ColumnType.ListOf(type(type.asListType().elementType()));
            case MAP -> new ColumnType.MapOf(type(type.asMapType().valueType()));
            default -> throw new IllegalArgumentException("JSON cannot be of type " + type);
        };
    }
}
