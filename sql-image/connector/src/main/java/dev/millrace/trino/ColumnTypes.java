/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeManager;
import io.trino.spi.type.TypeSignature;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The types that columns of streams can have, by the names that SQL has for them. */
final class ColumnTypes {

    private static final Pattern NAME =
            Pattern.compile(
                    "([a-z]+(?: precision)?)(?:\\((\\d+)(?:, ?(\\d+))?\\))?( with time zone)?");
    private static final int MICROS = 6;

    private final TypeManager types;
    private final Map<String, Type> known = new ConcurrentHashMap<>();

    ColumnTypes(TypeManager types) {
        this.types = types;
    }

    /**
     * @throws TrinoException if a column of a stream cannot have the type
     */
    Type type(String name) {
        return known.computeIfAbsent(name, this::parse);
    }

    private Type parse(String name) {
        Matcher matcher = NAME.matcher(name);
        Optional<Type> type = Optional.empty();
        if (matcher.matches()) {
            try {
                type =
                        type(
                                matcher.group(1)
                                        + (matcher.group(4) == null ? "" : matcher.group(4)),
                                number(matcher.group(2)),
                                number(matcher.group(3)));
            } catch (IllegalArgumentException | TrinoException e) {
                throw unknown(name, " (" + e.getMessage() + ")");
            }
        }
        return type.orElseThrow(() -> unknown(name, ""));
    }

    private Optional<Type> type(String name, Optional<Integer> first, Optional<Integer> second) {
        return switch (name) {
            case "boolean" -> Optional.of(BooleanType.BOOLEAN);
            case "tinyint" -> Optional.of(TinyintType.TINYINT);
            case "smallint" -> Optional.of(SmallintType.SMALLINT);
            case "integer", "int" -> Optional.of(IntegerType.INTEGER);
            case "bigint" -> Optional.of(BigintType.BIGINT);
            case "real" -> Optional.of(RealType.REAL);
            case "double", "double precision" -> Optional.of(DoubleType.DOUBLE);
            case "decimal", "numeric" ->
                    Optional.of(
                            DecimalType.createDecimalType(
                                    first.orElse(DecimalType.DEFAULT_PRECISION),
                                    second.orElse(DecimalType.DEFAULT_SCALE)));
            case "varchar" ->
                    Optional.of(
                            first.isPresent()
                                    ? VarcharType.createVarcharType(first.get())
                                    : VarcharType.VARCHAR);
            case "varbinary" -> Optional.of(VarbinaryType.VARBINARY);
            case "date" -> Optional.of(DateType.DATE);
            case "json" -> Optional.of(types.getType(new TypeSignature("json")));
            case "timestamp" ->
                    first.orElse(3) > MICROS
                            ? Optional.empty()
                            : Optional.of(TimestampType.createTimestampType(first.orElse(3)));
            case "timestamp with time zone" ->
                    first.orElse(3) > TimestampWithTimeZoneType.MAX_SHORT_PRECISION
                            ? Optional.empty()
                            : Optional.of(
                                    TimestampWithTimeZoneType.createTimestampWithTimeZoneType(
                                            first.orElse(3)));
            default -> Optional.empty();
        };
    }

    private static Optional<Integer> number(String digits) {
        return Optional.ofNullable(digits).map(Integer::valueOf);
    }

    private static TrinoException unknown(String name, String why) {
        return new TrinoException(
                StandardErrorCode.NOT_SUPPORTED,
                "A column of a stream cannot be of the type "
                        + name
                        + why
                        + "; it can be boolean, tinyint, smallint, integer, bigint, real, double,"
                        + " decimal(p,s), varchar, varbinary, date, json, timestamp(0 to 6) and"
                        + " timestamp(0 to 3) with time zone");
    }
}
