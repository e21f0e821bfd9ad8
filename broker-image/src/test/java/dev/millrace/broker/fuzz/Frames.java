/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.hpack.HpackDecoder;
import org.eclipse.jetty.http2.hpack.HpackException;

/** HTTP/2 in bytes. */
final class Frames {

    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1);
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int SETTINGS = 4;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private Frames() {}

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return frame(payload.length, type, flags, stream, payload);
    }

    /** A frame whose length need not be true. */
    static byte[] frame(int length, int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (length >>> 16))
                .put((byte) (length >>> 8))
                .put((byte) length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Every header as a literal that is not indexed. */
    static byte[] headers(String authority, String path, Map<String, String> headers) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        header(out, ":method", "POST");
        header(out, ":scheme", "http");
        header(out, ":authority", authority);
        header(out, ":path", path);
        headers.forEach((name, value) -> {
            if (!name.equalsIgnoreCase("host")) {
                header(out, name.toLowerCase(Locale.ROOT), value);
            }
        });
        return out.toByteArray();
    }

    private static void header(ByteArrayOutputStream out, String name, String value) {
        out.write(0);
        string(out, name);
        string(out, value);
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        if (bytes.length < 127) {
            out.write(bytes.length);
        } else {
            out.write(127);
            int left = bytes.length - 127;
            while (left >= 128) {
                out.write(left % 128 + 128);
                left /= 128;
            }
            out.write(left);
        }
        out.writeBytes(bytes);
    }

    /** The statuses of all answers in what a server sent. */
    static List<Integer> statuses(byte[] received) {
        List<Integer> statuses = new ArrayList<>();
        HpackDecoder decoder = new HpackDecoder(64 * 1024, System::nanoTime);
        ByteBuffer bytes = ByteBuffer.wrap(received);
        while (bytes.remaining() >= 9) {
            int length =
                    (bytes.get() & 0xff) << 16 | (bytes.get() & 0xff) << 8 | bytes.get() & 0xff;
            int type = bytes.get();
            bytes.get();
            bytes.getInt();
            if (bytes.remaining() < length) {
                break;
            }
            ByteBuffer payload = bytes.slice(bytes.position(), length);
            bytes.position(bytes.position() + length);
            if (type == HEADERS) {
                try {
                    if (decoder.decode(payload) instanceof MetaData.Response response) {
                        statuses.add(response.getStatus());
                    }
                } catch (HpackException _) {
                    break;
                }
            }
        }
        return statuses;
    }
}
