/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlNullable;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.VarcharType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lines of logs as arrays of their fields, as the log parsing functions of Kinesis Data Analytics
 * divide them: its COLUMN1 is {@code [1]}. A line that is not of the format is NULL.
 */
public final class LogFunctions {

    private LogFunctions() {}

    @ScalarFunction("w3c_log_parse")
    @Description(
            "A line of a web server's log in the format COMMON, COMMON WITH VHOST, NCSA EXTENDED, COMBINED,"
                    + " REFERER or AGENT")
    @SqlType("array(varchar)")
    @SqlNullable
    public static @Nullable Block w3cLogParse(
            @SqlType("varchar") Slice line, @SqlType("varchar") Slice format) {
        return array(W3cFormat.named(format.toStringUtf8()).parse(line.toStringUtf8()));
    }

    @ScalarFunction("sys_log_parse")
    @Description("A line 'Mon DD HH:MM:SS server message' as the time and the rest")
    @SqlType("array(varchar)")
    @SqlNullable
    public static @Nullable Block sysLogParse(@SqlType("varchar") Slice line) {
        String text = line.toStringUtf8();
        if (!text.matches("(?s)[A-Z][a-z]{2} [ \\d]\\d \\d{2}:\\d{2}:\\d{2} .*")) {
            return null;
        }
        int time = "Mon DD HH:MM:SS".length();
        return array(Optional.of(List.of(text.substring(0, time), text.substring(time + 1))));
    }

    @ScalarFunction("variable_column_log_parse")
    @Description("A line's fields between delimiters")
    @SqlType("array(varchar)")
    public static Block variableColumnLogParse(
            @SqlType("varchar") Slice line, @SqlType("varchar") Slice delimiter) {
        return fields(line, delimiter, "", "");
    }

    @ScalarFunction("variable_column_log_parse")
    @Description(
            "A line's fields between delimiters, where an escape or quotes say that a delimiter is none")
    @SqlType("array(varchar)")
    public static Block variableColumnLogParse(
            @SqlType("varchar") Slice line,
            @SqlType("varchar") Slice delimiter,
            @SqlType("varchar") Slice escape,
            @SqlType("varchar") Slice quotes) {
        return fields(line, delimiter, escape.toStringUtf8(), quotes.toStringUtf8());
    }

    private static Block fields(Slice line, Slice delimiter, String escape, String quotes) {
        if (delimiter.length() == 0) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "variable_column_log_parse takes a delimiter of one character or more");
        }
        return array(
                DelimitedFields.of(line.toStringUtf8(), delimiter.toStringUtf8(), escape, quotes));
    }

    private static @Nullable Block array(Optional<List<String>> fields) {
        return fields.map(LogFunctions::array).orElse(null);
    }

    private static Block array(List<String> fields) {
        BlockBuilder block = VarcharType.VARCHAR.createBlockBuilder(null, fields.size());
        for (String field : fields) {
            VarcharType.VARCHAR.writeSlice(block, Slices.utf8Slice(field));
        }
        return block.build();
    }

    /** The formats of lines of web servers, by how many fields they have. */
    private enum W3cFormat {
        COMMON(7),
        COMMON_WITH_VHOST(8),
        NCSA_EXTENDED(9),
        COMBINED(9),
        REFERER(3),
        AGENT(1);

        private final int fields;

        W3cFormat(int fields) {
            this.fields = fields;
        }

        static W3cFormat named(String name) {
            try {
                return valueOf(name.trim().toUpperCase(Locale.ROOT).replace(' ', '_'));
            } catch (IllegalArgumentException e) {
                throw new TrinoException(
                        StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                        "The format of w3c_log_parse is one of "
                                + List.of(values()).toString().replace('_', ' ')
                                + ", not "
                                + name,
                        e);
            }
        }

        Optional<List<String>> parse(String line) {
            if (this == AGENT) {
                return Optional.of(List.of(line));
            }
            List<String> found = new ArrayList<>();
            int at = 0;
            while (at < line.length()) {
                char first = line.charAt(at);
                int end;
                if (first == '"') {
                    end = closingQuote(line, at + 1);
                } else if (first == '[') {
                    end = line.indexOf(']', at);
                } else {
                    end = line.indexOf(' ', at);
                    found.add(line.substring(at, end < 0 ? line.length() : end));
                    at = end < 0 ? line.length() : end + 1;
                    continue;
                }
                if (end < 0) {
                    return Optional.empty();
                }
                found.add(line.substring(at + 1, end));
                at = end + 2;
            }
            return found.size() == fields
                    ? Optional.of(Collections.unmodifiableList(found))
                    : Optional.empty();
        }

        /** The quote that ends a text, in which {@code \"} does not. */
        private static int closingQuote(String line, int from) {
            for (int i = from; i < line.length(); i++) {
                if (line.charAt(i) == '\\') {
                    i++;
                } else if (line.charAt(i) == '"') {
                    return i;
                }
            }
            return -1;
        }
    }
}
