/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of a batch, in chunks that grow with it: a thousand small ones take little, and a large
 * one is never copied to grow. Written by one thread, then read by any.
 */
public final class Payload {

    /** What is done with a record of a batch. */
    @FunctionalInterface
    public interface RecordAction<E extends Exception> {
        /**
         * @param offset of its source record
         * @param lane which piece of it this is
         */
        void accept(long offset, int lane, long arrivalMillis, byte[] data) throws E;
    }

    private static final int CHUNK_MIN = 256;
    private static final int CHUNK_MAX = 256 * 1024;

    private final byte[] separator;
    private final List<byte[]> chunks = new ArrayList<>(2);
    private int[] lengths = new int[4];
    private int[] offsets = new int[4];
    private int[] lanes = new int[4];
    private int[] arrivals = new int[4];
    private long firstOffset;
    private long firstArrival;
    private int count;
    private int usedOfLast;
    private long bytes;
    private long held;

    /**
     * @param separator what comes between two records
     */
    public Payload(byte[] separator) {
        this.separator = separator.clone();
    }

    /**
     * @param offset of its source record; they come in order
     * @param lane which piece of it this is
     * @param arrival of the source record
     */
    public void append(long offset, int lane, Instant arrival, byte[] data) {
        if (count == 0) {
            firstOffset = offset;
            firstArrival = arrival.toEpochMilli();
        } else {
            write(separator);
        }
        write(data);
        if (count == lengths.length) {
            lengths = Arrays.copyOf(lengths, count * 2);
            offsets = Arrays.copyOf(offsets, count * 2);
            lanes = Arrays.copyOf(lanes, count * 2);
            arrivals = Arrays.copyOf(arrivals, count * 2);
        }
        lengths[count] = data.length;
        offsets[count] = Math.toIntExact(offset - firstOffset);
        lanes[count] = lane;
        // Producers may set any time: what is far away is told as the farthest there is.
        arrivals[count] =
                (int)
                        Math.clamp(
                                arrival.toEpochMilli() - firstArrival,
                                Integer.MIN_VALUE,
                                Integer.MAX_VALUE);
        count++;
    }

    /** How many records it has. */
    public int count() {
        return count;
    }

    /** How long it is, separators and all. */
    public long bytes() {
        return bytes;
    }

    /** How much memory it takes. */
    public long heldBytes() {
        return held + 16L * lengths.length + 96;
    }

    /** All of it, from its start, as often as it is asked for. */
    public InputStream open() {
        return new Reader();
    }

    /** Each record, in order. */
    public <E extends Exception> void forEachRecord(RecordAction<E> action) throws E {
        Reader reader = new Reader();
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                reader.take(separator.length);
            }
            action.accept(
                    firstOffset + offsets[i],
                    lanes[i],
                    firstArrival + arrivals[i],
                    reader.take(lengths[i]));
        }
    }

    private void write(byte[] data) {
        int done = 0;
        while (done < data.length) {
            if (chunks.isEmpty() || usedOfLast == chunks.getLast().length) {
                grow(data.length - done);
            }
            byte[] last = chunks.getLast();
            int length = Math.min(data.length - done, last.length - usedOfLast);
            System.arraycopy(data, done, last, usedOfLast, length);
            usedOfLast += length;
            done += length;
        }
        bytes += data.length;
    }

    private void grow(int wanted) {
        int doubled = chunks.isEmpty() ? CHUNK_MIN : chunks.getLast().length * 2;
        int size = Math.min(CHUNK_MAX, Math.max(doubled, wanted));
        chunks.add(new byte[size]);
        held += size;
        usedOfLast = 0;
    }

    private final class Reader extends InputStream {
        private int chunk;
        private int at;
        private long left = bytes;

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (left == 0) {
                return length == 0 ? 0 : -1;
            }
            int done = 0;
            while (done < length && left > 0) {
                byte[] current = chunks.get(chunk);
                if (at == current.length) {
                    chunk++;
                    at = 0;
                    continue;
                }
                int part = (int) Math.min(Math.min(length - done, current.length - at), left);
                System.arraycopy(current, at, into, offset + done, part);
                at += part;
                done += part;
                left -= part;
            }
            return done;
        }

        byte[] take(int length) {
            byte[] taken = new byte[length];
            int got = length == 0 ? 0 : read(taken, 0, length);
            if (got != length) {
                throw new IllegalStateException("A payload ends within a record");
            }
            return taken;
        }
    }
}
