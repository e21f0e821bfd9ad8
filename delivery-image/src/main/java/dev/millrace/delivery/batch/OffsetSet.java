/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Offsets of one partition, as runs, immutable. Its encoded form takes two bytes or so for each
 * run, so that it is small both for a batch of neighbours and for one record in a thousand.
 */
public final class OffsetSet {

    /**
     * Neighbouring offsets.
     *
     * @param first the first one
     * @param last the last one, inclusive
     */
    public record Run(long first, long last) {
        public Run {
            if (first < 0 || last < first) {
                throw new IllegalArgumentException("Not a run of offsets: " + first + ".." + last);
            }
        }
    }

    private final List<Run> runs;

    private OffsetSet(List<Run> runs) {
        this.runs = List.copyOf(runs);
    }

    /** Collects offsets that grow. Not safe to share between threads. */
    public static final class Builder {
        private long[] bounds = new long[4];
        private int used;

        /** Adds an offset; the last one may be given again. */
        public void add(long offset) {
            if (used > 0) {
                long last = bounds[used - 1];
                if (offset < last) {
                    throw new IllegalArgumentException(offset + " comes after " + last);
                }
                if (offset <= last + 1) {
                    bounds[used - 1] = offset;
                    return;
                }
            }
            if (used == bounds.length) {
                bounds = Arrays.copyOf(bounds, used * 2);
            }
            bounds[used++] = offset;
            bounds[used++] = offset;
        }

        public int runCount() {
            return used / 2;
        }

        public OffsetSet build() {
            List<Run> runs = new ArrayList<>(runCount());
            for (int i = 0; i < used; i += 2) {
                runs.add(new Run(bounds[i], bounds[i + 1]));
            }
            return new OffsetSet(runs);
        }
    }

    public static OffsetSet of(long... offsets) {
        Builder builder = new Builder();
        for (long offset : offsets) {
            builder.add(offset);
        }
        return builder.build();
    }

    /** Its runs, in order. */
    public List<Run> runs() {
        return runs;
    }

    public boolean isEmpty() {
        return runs.isEmpty();
    }

    public long first() {
        return runs.getFirst().first();
    }

    public long last() {
        return runs.getLast().last();
    }

    /** The encoded form: base64 of gaps and lengths. */
    public String encode() {
        byte[] bytes = new byte[runs.size() * 20];
        int length = 0;
        long previous = 0;
        for (Run run : runs) {
            length = putNumber(bytes, length, run.first() - previous);
            length = putNumber(bytes, length, run.last() - run.first());
            previous = run.last();
        }
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, length));
    }

    /**
     * @throws IllegalArgumentException if it is no encoded form
     */
    public static OffsetSet decode(String encoded) {
        byte[] bytes = Base64.getDecoder().decode(encoded);
        List<Run> runs = new ArrayList<>();
        long[] pair = new long[2];
        long previous = 0;
        int at = 0;
        while (at < bytes.length) {
            for (int i = 0; i < 2; i++) {
                long value = 0;
                int shift = 0;
                byte next;
                do {
                    if (at == bytes.length || shift > 63) {
                        throw new IllegalArgumentException("Offsets that cannot be read");
                    }
                    next = bytes[at++];
                    value |= (long) (next & 0x7f) << shift;
                    shift += 7;
                } while (next < 0);
                pair[i] = value;
            }
            long first = previous + pair[0];
            runs.add(new Run(first, first + pair[1]));
            previous = first + pair[1];
        }
        return new OffsetSet(runs);
    }

    private static int putNumber(byte[] bytes, int at, long value) {
        int next = at;
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes[next++] = (byte) (left & 0x7f | 0x80);
            left >>>= 7;
        }
        bytes[next++] = (byte) left;
        return next;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OffsetSet that && runs.equals(that.runs);
    }

    @Override
    public int hashCode() {
        return runs.hashCode();
    }

    @Override
    public String toString() {
        return runs.toString();
    }
}
