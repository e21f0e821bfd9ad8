/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds values in the JSON that nearly all producers write, some times faster than a parser that
 * takes all of it. It checks all of a record. What it does not know (escapes, letters that are not
 * ASCII, exponents, deep nesting) and what is wrong it leaves to that parser, so that it decides
 * nothing. One thread at a time may use it.
 */
final class PlainJson {

    private static final int DEPTH_MAX = 16;
    private static final int GIVE_UP = -1;

    /** Names and numbers that are longer are left to the parser, which has limits for them. */
    private static final int LENGTH_MAX = 200;

    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHS = 0x8080_8080_8080_8080L;

    /** Whether a byte is part of a text as it is: ASCII, no quote, no escape, no control. */
    private static final boolean[] PLAIN = new boolean[256];

    static {
        for (int i = 0x20; i < 0x80; i++) {
            PLAIN[i] = i != '"' && i != '\\';
        }
    }

    /** A place in records where values are asked for. */
    static final class Node {
        private byte[][] names = {};
        private Node[] fields = {};
        private final int[] columns;

        /** The field that came after the last one in the record before, most likely again. */
        private int expected;

        /**
         * @param columns those that are the value itself
         */
        Node(int[] columns) {
            this.columns = columns.clone();
        }

        void add(byte[] name, Node field) {
            names = Arrays.copyOf(names, names.length + 1);
            names[names.length - 1] = name;
            fields = Arrays.copyOf(fields, fields.length + 1);
            fields[fields.length - 1] = field;
        }

        private @Nullable Node find(byte[] data, int from, int to) {
            int count = names.length;
            for (int i = 0; i < count; i++) {
                int at = expected + i < count ? expected + i : expected + i - count;
                if (Arrays.equals(names[at], 0, names[at].length, data, from, to)) {
                    expected = at + 1 < count ? at + 1 : 0;
                    return fields[at];
                }
            }
            return null;
        }
    }

    private enum Found {
        NOTHING,
        SCALAR,
        NESTED
    }

    private final Node root;
    private final Found[] found;
    private final PlainScalar.Kind[] kinds;
    private final int[] from;
    private final int[] to;
    private final PlainScalar scalar = new PlainScalar();
    private byte[] data = {};

    /**
     * @param columns how many are asked for
     */
    PlainJson(Node root, int columns) {
        this.root = root;
        this.found = new Found[columns];
        this.kinds = new PlainScalar.Kind[columns];
        this.from = new int[columns];
        this.to = new int[columns];
    }

    /**
     * Whether a record is an object of this kind. Its values are those that {@link #feed} tells.
     */
    boolean scan(byte[] record) {
        data = record;
        Arrays.fill(found, Found.NOTHING);
        int at = space(0);
        if (at >= data.length || data[at] != '{') {
            return false;
        }
        int end = noteNested(root, at, object(root, at, 0));
        return end != GIVE_UP && space(end) == data.length;
    }

    /** Tells what was found in the record that was scanned last. */
    void feed(RowParser.Sink sink) throws IOException, RowFormatException {
        for (int column = 0; column < found.length; column++) {
            switch (found[column]) {
                case NOTHING -> {
                    // Not in the record.
                }
                case SCALAR ->
                        sink.plain(
                                column, scalar.at(data, from[column], to[column], kinds[column]));
                case NESTED -> sink.json(column, data, from[column], to[column]);
            }
        }
    }

    // --- each of these returns the place behind what it read, or GIVE_UP

    private int object(@Nullable Node node, int open, int depth) {
        int at = space(open + 1);
        if (at < data.length && data[at] == '}') {
            return at + 1;
        }
        while (at < data.length && data[at] == '"') {
            int quote = text(at + 1);
            if (quote == GIVE_UP || quote - at > LENGTH_MAX) {
                return GIVE_UP;
            }
            Node field = node == null ? null : node.find(data, at + 1, quote);
            at = space(quote + 1);
            if (at >= data.length || data[at] != ':') {
                return GIVE_UP;
            }
            at = behind(value(field, space(at + 1), depth), '}');
            if (at == GIVE_UP || data[at - 1] == '}') {
                return at;
            }
            at = space(at);
        }
        return GIVE_UP;
    }

    private int array(int open, int depth) {
        int at = space(open + 1);
        if (at < data.length && data[at] == ']') {
            return at + 1;
        }
        while (true) {
            at = behind(value(null, at, depth), ']');
            if (at == GIVE_UP || data[at - 1] == ']') {
                return at;
            }
            at = space(at);
        }
    }

    /** Behind the comma or the end that follows a value. */
    private int behind(int value, char end) {
        int at = value == GIVE_UP ? data.length : space(value);
        return at < data.length && (data[at] == ',' || data[at] == end) ? at + 1 : GIVE_UP;
    }

    private int value(@Nullable Node node, int at, int depth) {
        if (at >= data.length || depth >= DEPTH_MAX) {
            return GIVE_UP;
        }
        return switch (data[at]) {
            case '"' -> {
                int quote = text(at + 1);
                note(node, at + 1, quote, PlainScalar.Kind.TEXT);
                yield quote == GIVE_UP ? GIVE_UP : quote + 1;
            }
            case '{' -> noteNested(node, at, object(node, at, depth + 1));
            case '[' -> noteNested(node, at, array(at, depth + 1));
            case 't' -> word(node, at, TRUE, PlainScalar.Kind.TRUE);
            case 'f' -> word(node, at, FALSE, PlainScalar.Kind.FALSE);
            case 'n' -> word(node, at, NULL, PlainScalar.Kind.NULL);
            default -> number(node, at);
        };
    }

    private int number(@Nullable Node node, int begin) {
        int first = data[begin] == '-' ? begin + 1 : begin;
        int at = digits(first);
        if (at == first || at - first > 1 && data[first] == '0') {
            return GIVE_UP;
        }
        PlainScalar.Kind kind = PlainScalar.Kind.WHOLE;
        if (at < data.length && data[at] == '.') {
            int fraction = at + 1;
            at = digits(fraction);
            if (at == fraction) {
                return GIVE_UP;
            }
            kind = PlainScalar.Kind.FRACTION;
        }
        if (at - begin > LENGTH_MAX) {
            return GIVE_UP;
        }
        note(node, begin, at, kind);
        return at;
    }

    private int digits(int begin) {
        int at = begin;
        while (at < data.length && data[at] >= '0' && data[at] <= '9') {
            at++;
        }
        return at;
    }

    private int word(@Nullable Node node, int at, byte[] word, PlainScalar.Kind kind) {
        int end = at + word.length;
        if (end > data.length || !Arrays.equals(data, at, end, word, 0, word.length)) {
            return GIVE_UP;
        }
        note(node, at, end, kind);
        return end;
    }

    /** The place of the quote that ends a text. */
    private int text(int begin) {
        int at = begin;
        while (at + 8 <= data.length && isPlain((long) LONGS.get(data, at))) {
            at += 8;
        }
        while (at < data.length && PLAIN[data[at] & 0xff]) {
            at++;
        }
        return at < data.length && data[at] == '"' ? at : GIVE_UP;
    }

    /** Eight bytes at once; a subtraction borrows where a byte is less. */
    private static boolean isPlain(long bytes) {
        long quotes = bytes ^ ONES * '"';
        long escapes = bytes ^ ONES * '\\';
        return ((bytes
                                | (bytes - ONES * ' ') & ~bytes
                                | (quotes - ONES) & ~quotes
                                | (escapes - ONES) & ~escapes)
                        & HIGHS)
                == 0;
    }

    private int space(int begin) {
        int at = begin;
        while (at < data.length
                && (data[at] == ' ' || data[at] == '\n' || data[at] == '\r' || data[at] == '\t')) {
            at++;
        }
        return at;
    }

    // --- what is found; a column that comes twice counts the first time

    private void note(@Nullable Node node, int begin, int end, PlainScalar.Kind kind) {
        if (node == null) {
            return;
        }
        for (int column : node.columns) {
            if (found[column] == Found.NOTHING) {
                found[column] = Found.SCALAR;
                kinds[column] = kind;
                from[column] = begin;
                to[column] = end;
            }
        }
    }

    private int noteNested(@Nullable Node node, int begin, int end) {
        if (node != null) {
            for (int column : node.columns) {
                if (found[column] == Found.NOTHING) {
                    found[column] = Found.NESTED;
                    from[column] = begin;
                    to[column] = end;
                }
            }
        }
        return end;
    }
}
