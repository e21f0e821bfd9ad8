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
import java.util.Locale;

/** A connection that sends prepared requests, one after the other, at next to no cost. */
final class RawConnection implements AutoCloseable {

    private static final byte[] OK = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);
    private static final String LENGTH = "\r\ncontent-length: ";
    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    /** What came and was not taken yet: from position to limit. */
    private final byte[] buffer = new byte[256 * 1024];

    private int position;
    private int limit;

    private byte[] answer = new byte[256 * 1024];
    private int answerLength;

    RawConnection(URI endpoint) throws IOException {
        this.socket = new Socket(endpoint.getHost(), endpoint.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /** Sends a request and reads its answer whole; gives the answer's body. */
    String call(byte[] request) throws IOException {
        boolean ok = send(request);
        String body = new String(answer, 0, answerLength, StandardCharsets.ISO_8859_1);
        if (!ok) {
            throw new IOException("Refused: " + body);
        }
        return body;
    }

    /** Sends a request and reads its answer; tells whether that was 200. */
    boolean send(byte[] request) throws IOException {
        Body body = begin(request);
        answerLength = 0;
        while (true) {
            if (answerLength == answer.length) {
                answer = Arrays.copyOf(answer, 2 * answer.length);
            }
            int read = body.read(answer, answerLength, answer.length - answerLength);
            if (read < 0) {
                return body.ok;
            }
            answerLength += read;
        }
    }

    /** The body of the last answer, which the next request overwrites. */
    byte[] answer() {
        return answer;
    }

    int answerLength() {
        return answerLength;
    }

    /** Sends a request and gives its answer's body as it comes. */
    InputStream stream(byte[] request) throws IOException {
        Body body = begin(request);
        if (!body.ok) {
            throw new IOException(
                    "Refused: " + new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
        return body;
    }

    private Body begin(byte[] request) throws IOException {
        out.write(request);
        int end = headEnd();
        while (end < 0) {
            if (position > 0) {
                System.arraycopy(buffer, position, buffer, 0, limit - position);
                limit -= position;
                position = 0;
            }
            fill();
            end = headEnd();
        }
        String head =
                new String(buffer, position, end - position, StandardCharsets.US_ASCII)
                        .toLowerCase(Locale.ROOT);
        boolean ok = Arrays.equals(buffer, position, position + OK.length, OK, 0, OK.length);
        position = end;
        int at = head.indexOf(LENGTH);
        if (at < 0) {
            return new Body(ok, true, 0);
        }
        int from = at + LENGTH.length();
        return new Body(ok, false, Long.parseLong(head.substring(from, head.indexOf('\r', from))));
    }

    private int headEnd() {
        for (int i = position + 3; i < limit; i++) {
            if (buffer[i] == '\n' && buffer[i - 2] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private void fill() throws IOException {
        int read = in.read(buffer, limit, buffer.length - limit);
        if (read < 0) {
            throw new EOFException("The server closed the connection");
        }
        limit += read;
    }

    private int next() throws IOException {
        if (position == limit) {
            position = 0;
            limit = 0;
            fill();
        }
        return buffer[position++];
    }

    /** The body of one answer, with a length or in chunks. */
    private final class Body extends InputStream {
        private final boolean ok;
        private final boolean chunked;
        private long left;
        private boolean begun;
        private boolean ended;

        Body(boolean ok, boolean chunked, long left) {
            this.ok = ok;
            this.chunked = chunked;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] to, int offset, int count) throws IOException {
            if (left == 0 && !ended) {
                ended = !chunked || !nextChunk();
            }
            if (ended) {
                return -1;
            }
            int wanted = (int) Math.min(left, count);
            if (position < limit) {
                wanted = Math.min(wanted, limit - position);
                System.arraycopy(buffer, position, to, offset, wanted);
                position += wanted;
            } else if (wanted >= buffer.length / 2) {
                wanted = in.read(to, offset, wanted);
                if (wanted < 0) {
                    throw new EOFException("The server closed the connection");
                }
            } else {
                position = 0;
                limit = 0;
                fill();
                return read(to, offset, count);
            }
            left -= wanted;
            return wanted;
        }

        private boolean nextChunk() throws IOException {
            if (begun) {
                skipLine();
            }
            begun = true;
            for (int c = next(); c != '\r'; c = next()) {
                left = left * 16 + Character.digit(c, 16);
            }
            next();
            if (left == 0) {
                skipLine();
                return false;
            }
            return true;
        }

        private void skipLine() throws IOException {
            while (next() != '\n') {
                // Its end is what is wanted.
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
