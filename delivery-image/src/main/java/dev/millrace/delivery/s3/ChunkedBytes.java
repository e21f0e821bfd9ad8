/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Bytes that are written once and read as often as it takes, never copied to grow. */
final class ChunkedBytes extends OutputStream {

    private static final int CHUNK = 64 * 1024;

    private final List<byte[]> chunks = new ArrayList<>();
    private int usedOfLast = CHUNK;
    private long length;

    @Override
    public void write(int one) {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] data, int offset, int count) {
        int done = 0;
        while (done < count) {
            if (usedOfLast == CHUNK) {
                chunks.add(new byte[CHUNK]);
                usedOfLast = 0;
            }
            int part = Math.min(count - done, CHUNK - usedOfLast);
            System.arraycopy(data, offset + done, chunks.getLast(), usedOfLast, part);
            usedOfLast += part;
            done += part;
        }
        length += count;
    }

    long length() {
        return length;
    }

    InputStream open() {
        List<InputStream> parts = new ArrayList<>();
        long left = length;
        for (byte[] chunk : chunks) {
            int part = (int) Math.min(left, chunk.length);
            parts.add(new ByteArrayInputStream(chunk, 0, part));
            left -= part;
        }
        return new SequenceInputStream(Collections.enumeration(parts));
    }
}
