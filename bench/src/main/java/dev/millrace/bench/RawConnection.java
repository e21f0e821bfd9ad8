/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A connection that sends prepared requests, one after the other, at next to no cost. */
final class RawConnection implements AutoCloseable {

    private static final byte[] OK = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);
    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private byte[] buffer = new byte[256 * 1024];
    private int length;
    private int bodyStart;

    RawConnection(URI endpoint) throws IOException {
        this.socket = new Socket(endpoint.getHost(), endpoint.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /** Sends a request and reads its answer whole; gives the answer's body. */
    String call(byte[] request) throws IOException {
        send(request);
        if (!Arrays.equals(buffer, 0, OK.length, OK, 0, OK.length)) {
            throw new IOException(
                    "Refused: " + new String(buffer, 0, length, StandardCharsets.UTF_8));
        }
        return new String(buffer, bodyStart, length - bodyStart, StandardCharsets.ISO_8859_1);
    }

    /** Sends a request and reads its answer; tells whether that was 200. */
    boolean send(byte[] request) throws IOException {
        out.write(request);
        length = 0;
        int end = -1;
        while (end < 0) {
            fill();
            end = headEnd();
        }
        bodyStart = end;
        String head =
                new String(buffer, 0, end, StandardCharsets.US_ASCII)
                        .toLowerCase(java.util.Locale.ROOT);
        int at = head.indexOf("content-length: ");
        if (at >= 0) {
            int from = at + "content-length: ".length();
            int body = Integer.parseInt(head.substring(from, head.indexOf('\r', from)));
            while (length < end + body) {
                fill();
            }
        } else {
            while (!endsWithLastChunk()) {
                fill();
            }
        }
        return Arrays.equals(buffer, 0, OK.length, OK, 0, OK.length);
    }

    int bodyLength() {
        return length - bodyStart;
    }

    private boolean endsWithLastChunk() {
        return length - bodyStart >= 5
                && buffer[length - 1] == '\n'
                && buffer[length - 3] == '\n'
                && buffer[length - 5] == '0'
                && (length - bodyStart == 5 || buffer[length - 6] == '\n');
    }

    private int headEnd() {
        for (int i = 3; i < length; i++) {
            if (buffer[i] == '\n' && buffer[i - 2] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private void fill() throws IOException {
        if (length == buffer.length) {
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        }
        int read = in.read(buffer, length, buffer.length - length);
        if (read < 0) {
            throw new EOFException("The server closed the connection");
        }
        length += read;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
