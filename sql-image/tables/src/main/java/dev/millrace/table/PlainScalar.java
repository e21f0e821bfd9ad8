/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A text, a number, true, false or null as it stands in a record: ASCII, without escapes or
 * exponents. Used again for each value; take from it what is needed at once.
 */
public final class PlainScalar {

    /** What it is. */
    public enum Kind {
        TEXT,
        WHOLE,
        FRACTION,
        TRUE,
        FALSE,
        NULL
    }

    private static final JsonFactory JSON = new JsonFactory();

    /** All whole numbers of so many digits are longs. */
    private static final int LONG_DIGITS = 18;

    /** Whole numbers of so many digits are doubles, exactly. */
    private static final int EXACT_DIGITS = 15;

    private static final double[] POWERS = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private byte[] data = {};
    private int from;
    private int to;
    private Kind kind = Kind.NULL;

    PlainScalar at(byte[] bytes, int begin, int end, Kind what) {
        data = bytes;
        from = begin;
        to = end;
        kind = what;
        return this;
    }

    public Kind kind() {
        return kind;
    }

    /** The record that it stands in. */
    public byte[] data() {
        return data;
    }

    /** The place of its first byte; of a text the one behind the quote. */
    public int from() {
        return from;
    }

    /** A parser that stands at it. */
    public JsonParser parser() throws IOException {
        int quotes = kind == Kind.TEXT ? 1 : 0;
        JsonParser parser = JSON.createParser(data, from - quotes, to - from + 2 * quotes);
        parser.nextToken();
        return parser;
    }

    public int length() {
        return to - from;
    }

    /** As it is written; a text without its quotes. */
    public String text() {
        return new String(data, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Whether it is a whole number that {@link #asLong} can give. */
    public boolean isLong() {
        return kind == Kind.WHOLE && to - from <= LONG_DIGITS;
    }

    public long asLong() {
        boolean negative = data[from] == '-';
        long value = 0;
        for (int i = negative ? from + 1 : from; i < to; i++) {
            value = value * 10 + (data[i] - '0');
        }
        return negative ? -value : value;
    }

    /** The value of a number, as {@link Double#parseDouble} has it. */
    public double asDouble() {
        boolean negative = data[from] == '-';
        long digits = 0;
        int places = -1;
        int begin = negative ? from + 1 : from;
        if (to - begin > EXACT_DIGITS) {
            return Double.parseDouble(text());
        }
        for (int i = begin; i < to; i++) {
            if (data[i] == '.') {
                places = to - i - 1;
            } else {
                digits = digits * 10 + (data[i] - '0');
            }
        }
        // Both are exact, so that the quotient is rounded once, as it must be.
        double value = places > 0 ? digits / POWERS[places] : digits;
        // The whole number -0 is 0.
        return negative && (digits != 0 || kind == Kind.FRACTION) ? -value : value;
    }

    /**
     * A decimal's value in units of its last place.
     *
     * @param scale how many places there are
     * @return {@link Long#MIN_VALUE} if it is none without rounding, or too long
     */
    public long unscaled(int scale) {
        boolean negative = data[from] == '-';
        long value = 0;
        int places = -1;
        int digits = 0;
        for (int i = negative ? from + 1 : from; i < to; i++) {
            if (data[i] == '.') {
                places = 0;
                continue;
            }
            value = value * 10 + (data[i] - '0');
            digits++;
            places = places < 0 ? places : places + 1;
            if (digits > LONG_DIGITS) {
                return Long.MIN_VALUE;
            }
        }
        int missing = scale - Math.max(0, places);
        if (missing < 0 || digits + missing > LONG_DIGITS) {
            return Long.MIN_VALUE;
        }
        for (int i = 0; i < missing; i++) {
            value *= 10;
        }
        return negative ? -value : value;
    }
}
