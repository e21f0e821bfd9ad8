/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.eclipse.jetty.server.Response;

/**
 * Sends what is written to it. A small answer goes out at once with its length; a large one in
 * pieces as it is made, so that nobody holds all of it.
 */
final class AnswerStream extends OutputStream {

    /** Most answers fit into the first; each piece of a large one costs a system call. */
    private static final int BUFFER_BYTES = 1024;

    private static final int BUFFER_BYTES_MAX = 128 * 1024;

    private final Sending sending;
    private byte[] buffer = new byte[BUFFER_BYTES];
    private int length;
    private boolean closed;

    AnswerStream(Response response) {
        this.sending = new Sending(response);
    }

    @Override
    public void write(int b) throws IOException {
        makeRoom(1);
        buffer[length++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        int from = offset;
        int left = count;
        while (left > 0) {
            makeRoom(left);
            int step = Math.min(left, buffer.length - length);
            System.arraycopy(bytes, from, buffer, length, step);
            length += step;
            from += step;
            left -= step;
        }
    }

    /** Sends the rest. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            send(true);
        }
    }

    /** There is room for some of what is wanted then. */
    private void makeRoom(int wanted) throws IOException {
        if (buffer.length - length >= wanted) {
            return;
        }
        if (buffer.length < BUFFER_BYTES_MAX) {
            int size = Math.max(8 * buffer.length, Integer.highestOneBit(length + wanted) * 2);
            buffer = Arrays.copyOf(buffer, Math.min(BUFFER_BYTES_MAX, size));
        } else if (length == buffer.length) {
            send(false);
        }
    }

    private void send(boolean last) throws IOException {
        sending.send(last, ByteBuffer.wrap(buffer, 0, length));
        length = 0;
    }
}
