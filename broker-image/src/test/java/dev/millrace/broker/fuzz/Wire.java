/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;

/** A connection whose bytes the test writes by itself. Closing it resets it. */
final class Wire implements AutoCloseable {

    private static final int SILENCE_MILLIS = 80;
    private static final int ANSWER_BYTES_MAX = 4 << 20;
    private static final int ANSWER_WITHIN_MILLIS = 60_000;

    private final Socket socket = new Socket();

    Wire(int port) throws IOException {
        socket.setTcpNoDelay(true);
        // So that a hundred thousand of them do not use up the ports.
        socket.setSoLinger(true, 0);
        socket.connect(new InetSocketAddress("127.0.0.1", port), 10_000);
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** What comes until the other side ends or falls silent. */
    byte[] readUntilSilent() {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        byte[] buffer = new byte[16 * 1024];
        try {
            socket.setSoTimeout(SILENCE_MILLIS);
            while (got.size() < ANSWER_BYTES_MAX) {
                int count = socket.getInputStream().read(buffer);
                if (count < 0) {
                    break;
                }
                got.write(buffer, 0, count);
            }
        } catch (IOException _) {
            // Silent, or reset.
        }
        return got.toByteArray();
    }

    /**
     * An answer with a Content-Length or in chunks, whole.
     *
     * @throws IOException if the connection ends before
     */
    byte[] readAnswer() throws IOException {
        socket.setSoTimeout(ANSWER_WITHIN_MILLIS);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        byte[] buffer = new byte[16 * 1024];
        while (!isWhole(got.toByteArray())) {
            int count = socket.getInputStream().read(buffer);
            if (count < 0) {
                throw new IOException("ended after " + got.size() + " bytes");
            }
            got.write(buffer, 0, count);
        }
        return got.toByteArray();
    }

    private static boolean isWhole(byte[] bytes) {
        String head = new String(bytes, ISO_8859_1);
        int end = head.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        String headers = head.substring(0, end).toLowerCase(java.util.Locale.ROOT);
        int length = headers.indexOf("content-length:");
        if (length >= 0) {
            String value = headers.substring(length + 15).split("\r\n", 2)[0].strip();
            return bytes.length >= end + 4 + Integer.parseInt(value);
        }
        byte[] last = "0\r\n\r\n".getBytes(ISO_8859_1);
        return Arrays.equals(
                last, Arrays.copyOfRange(bytes, Math.max(0, bytes.length - 5), bytes.length));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
