/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.sql;

import io.trino.sql.tree.Descriptor;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.IntervalLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.NodeLocation;
import io.trino.sql.tree.TableFunctionArgument;
import io.trino.sql.tree.TableFunctionDescriptorArgument;
import io.trino.sql.tree.TableFunctionInvocation;
import io.trino.sql.tree.TableFunctionTableArgument;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the windows that are written as table functions. */
final class WindowCalls {

    private static final String EXAMPLE =
            "TABLE(TUMBLE(TABLE(orders), DESCRIPTOR(at), INTERVAL '1' MINUTE))";

    private final Source source;

    WindowCalls(Source source) {
        this.source = source;
    }

    /**
     * @return empty if it is another table function
     */
    Optional<WindowCall> read(TableFunctionInvocation call) throws SqlException {
        WindowCall.Kind kind;
        switch (call.getName().getSuffix().toUpperCase(Locale.ROOT)) {
            case "TUMBLE" -> kind = WindowCall.Kind.TUMBLE;
            case "HOP" -> kind = WindowCall.Kind.HOP;
            case "CUMULATE" -> kind = WindowCall.Kind.CUMULATE;
            case "SESSION" -> kind = WindowCall.Kind.SESSION;
            default -> {
                return Optional.empty();
            }
        }
        TableFunctionTableArgument data = null;
        String column = null;
        List<Long> intervals = new ArrayList<>();
        for (TableFunctionArgument argument : call.getArguments()) {
            switch (argument.getValue()) {
                case TableFunctionTableArgument table -> data = table;
                case TableFunctionDescriptorArgument descriptor ->
                        column = column(descriptor, call);
                case Expression expression -> intervals.add(millis(expression));
                case Node other ->
                        throw refuse(other, "A window has no argument like this; " + example());
            }
        }
        int wanted = kind == WindowCall.Kind.HOP || kind == WindowCall.Kind.CUMULATE ? 2 : 1;
        if (data == null || column == null || intervals.size() != wanted) {
            throw refuse(
                    call,
                    kind
                            + " takes a table, a DESCRIPTOR of its time and "
                            + (wanted == 1 ? "an interval" : "two intervals (the step, the size)")
                            + "; "
                            + example());
        }
        long size = intervals.getLast();
        long step = intervals.getFirst();
        check(kind, step, size, call);
        return Optional.of(
                new WindowCall(
                        call,
                        kind,
                        data.getTable(),
                        column,
                        step,
                        size,
                        data.getPartitionBy().orElse(List.of())));
    }

    private void check(WindowCall.Kind kind, long step, long size, Node node) throws SqlException {
        if (kind == WindowCall.Kind.HOP && step > size) {
            throw refuse(
                    node,
                    "The slide of HOP is its first interval and at most its size, or rows would lie"
                            + " in no window");
        }
        if (kind == WindowCall.Kind.CUMULATE && size % step != 0) {
            throw refuse(node, "The size of CUMULATE is a multiple of its step");
        }
        if (size / step > 10_000) {
            throw refuse(node, "A row would lie in " + size / step + " windows; at most 10000");
        }
    }

    private String column(TableFunctionDescriptorArgument argument, Node call) throws SqlException {
        Descriptor descriptor =
                argument.getDescriptor()
                        .orElseThrow(() -> refuse(call, "The DESCRIPTOR is NULL; " + example()));
        if (descriptor.getFields().size() != 1) {
            throw refuse(argument, "The DESCRIPTOR of a window names one column, its time");
        }
        return descriptor.getFields().getFirst().getName().getValue().toLowerCase(Locale.ROOT);
    }

    /** The length of an interval that is written down. */
    long millis(Expression expression) throws SqlException {
        if (!(expression instanceof IntervalLiteral interval)) {
            throw refuse(
                    expression,
                    "The sizes of windows are written down, such as INTERVAL '1' MINUTE");
        }
        return millis(interval);
    }

    private long millis(IntervalLiteral interval) throws SqlException {
        if (interval.isYearToMonth() || interval.getEndField().isPresent()) {
            throw refuse(
                    interval,
                    "A window is some DAYs, HOURs, MINUTEs or SECONDs long; for months write GROUP BY"
                            + " date_trunc('month', ...)");
        }
        long unit =
                switch (interval.getStartField()) {
                    case DAY -> 86_400_000;
                    case HOUR -> 3_600_000;
                    case MINUTE -> 60_000;
                    default -> 1_000;
                };
        try {
            long millis =
                    new BigDecimal(interval.getValue())
                            .multiply(BigDecimal.valueOf(unit))
                            .longValueExact();
            if (millis <= 0 || interval.getSign() == IntervalLiteral.Sign.NEGATIVE) {
                throw refuse(interval, "The interval is longer than 0");
            }
            return millis;
        } catch (ArithmeticException | NumberFormatException _) {
            throw refuse(interval, "Not a length of time: " + interval.getValue());
        }
    }

    private static String example() {
        return "write, for example, " + EXAMPLE;
    }

    private SqlException refuse(Node node, String problem) {
        Optional<NodeLocation> location = node.getLocation();
        return source.refuse(location, problem);
    }
}
