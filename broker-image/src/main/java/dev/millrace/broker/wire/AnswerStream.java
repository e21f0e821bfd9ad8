/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;

/**
 * Sends what is written to it. A small answer goes out at once with its length; a large one in
 * pieces as it is made, so that nobody holds all of it.
 */
final class AnswerStream extends OutputStream {

    private static final int BUFFER_BYTES = 32 * 1024;

    private final Response response;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int length;
    private boolean closed;

    AnswerStream(Response response) {
        this.response = response;
    }

    @Override
    public void write(int b) throws IOException {
        if (length == buffer.length) {
            send(false);
        }
        buffer[length++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        int from = offset;
        int left = count;
        while (left > 0) {
            if (length == buffer.length) {
                send(false);
            }
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

    private void send(boolean last) throws IOException {
        Content.Sink.write(response, last, ByteBuffer.wrap(buffer, 0, length));
        length = 0;
    }
}
