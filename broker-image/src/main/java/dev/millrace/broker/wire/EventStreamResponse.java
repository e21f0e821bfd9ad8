/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.eclipse.jetty.server.Response;

/**
 * Events as frames of the {@code vnd.amazon.event-stream} encoding: a prelude of two lengths and
 * their checksum, headers, the payload, a checksum of all.
 *
 * @see <a href="https://smithy.io/2.0/aws/amazon-eventstream.html">Amazon Event Stream</a>
 */
final class EventStreamResponse implements EventStream.Events {

    static final String CONTENT_TYPE = "application/vnd.amazon.eventstream";

    private static final int PRELUDE_BYTES = 12;
    private static final int CHECKSUM_BYTES = 4;
    private static final byte STRING = 7;

    /** An event without records. */
    private static final int EVENT_BYTES = 512;

    private final Response response;
    private final Protocol protocol;
    private final Map<String, byte[]> headersByType = new HashMap<>();

    EventStreamResponse(Response response, Protocol protocol) {
        this.response = response;
        this.protocol = protocol;
    }

    /** What the answer would hold beside its events: nothing, but clients wait for it. */
    void begin() throws IOException {
        send("initial-response", EVENT_BYTES, Answer.EMPTY);
    }

    @Override
    public void send(String type, int bytesExpected, Answer event) throws IOException {
        byte[] headers =
                headersByType.computeIfAbsent(
                        type,
                        _ -> {
                            Map<String, String> named = new LinkedHashMap<>();
                            named.put(":event-type", type);
                            named.put(":content-type", protocol.contentType());
                            named.put(":message-type", "event");
                            return encode(named);
                        });
        write(frame(headers, bytesExpected, event), false);
    }

    /** Tells an error as the last event. */
    void fail(AwsException error) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(":exception-type", error.code().awsName());
        headers.put(":content-type", protocol.contentType());
        headers.put(":message-type", "exception");
        write(
                frame(
                        encode(headers),
                        EVENT_BYTES,
                        (out, _) -> {
                            out.writeStringField("__type", error.code().awsName());
                            out.writeStringField("message", error.text());
                        }),
                true);
    }

    void end() throws IOException {
        write(ByteBuffer.allocate(0), true);
    }

    private void write(ByteBuffer bytes, boolean last) throws IOException {
        // Each event has its own time: between two of them a client need not do anything.
        new Sending(response).send(last, bytes);
    }

    private ByteBuffer frame(byte[] headers, int bytesExpected, Answer event) throws IOException {
        Frame frame = new Frame(headers, bytesExpected);
        try (JsonGenerator out = protocol.generator(frame)) {
            out.writeStartObject();
            event.writeFields(out, protocol);
            out.writeEndObject();
        }
        return frame.end();
    }

    /** The bytes of a frame, made in one array: an event may have most of a megabyte. */
    private static final class Frame extends ByteArrayOutputStream {
        private final int headersLength;

        Frame(byte[] headers, int payloadExpected) {
            super(PRELUDE_BYTES + headers.length + payloadExpected + CHECKSUM_BYTES);
            this.headersLength = headers.length;
            count = PRELUDE_BYTES;
            writeBytes(headers);
        }

        /** Fills in what stands before and behind the payload. */
        ByteBuffer end() {
            int payloadEnd = count;
            writeBytes(new byte[CHECKSUM_BYTES]);
            ByteBuffer frame = ByteBuffer.wrap(buf, 0, count);
            frame.putInt(0, count).putInt(Integer.BYTES, headersLength);
            frame.putInt(2 * Integer.BYTES, checksum(2 * Integer.BYTES));
            frame.putInt(payloadEnd, checksum(payloadEnd));
            return frame;
        }

        private int checksum(int length) {
            CRC32 crc = new CRC32();
            crc.update(buf, 0, length);
            return (int) crc.getValue();
        }
    }

    private static byte[] encode(Map<String, String> headers) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        headers.forEach((name, value) -> {
            byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
            byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
            bytes.write(nameBytes.length);
            bytes.writeBytes(nameBytes);
            bytes.write(STRING);
            bytes.write(valueBytes.length >>> 8);
            bytes.write(valueBytes.length);
            bytes.writeBytes(valueBytes);
        });
        return bytes.toByteArray();
    }
}
