/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.eclipse.jetty.io.Content;
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

    private final Response response;
    private final Protocol protocol;

    EventStreamResponse(Response response, Protocol protocol) {
        this.response = response;
        this.protocol = protocol;
    }

    /** What the answer would hold beside its events: nothing, but clients wait for it. */
    void begin() throws IOException {
        send("initial-response", Answer.EMPTY);
    }

    @Override
    public void send(String type, Answer event) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(":event-type", type);
        headers.put(":content-type", protocol.contentType());
        headers.put(":message-type", "event");
        write(frame(headers, payload(event)), false);
    }

    /** Tells an error as the last event. */
    void fail(AwsException error) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(":exception-type", error.code().awsName());
        headers.put(":content-type", protocol.contentType());
        headers.put(":message-type", "exception");
        write(
                frame(
                        headers,
                        payload((out, _) -> {
                            out.writeStringField("__type", error.code().awsName());
                            out.writeStringField("message", error.text());
                        })),
                true);
    }

    void end() throws IOException {
        write(ByteBuffer.allocate(0), true);
    }

    private void write(ByteBuffer bytes, boolean last) throws IOException {
        Content.Sink.write(response, last, bytes);
    }

    private byte[] payload(Answer event) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator out = protocol.generator(bytes)) {
            out.writeStartObject();
            event.writeFields(out, protocol);
            out.writeEndObject();
        }
        return bytes.toByteArray();
    }

    static ByteBuffer frame(Map<String, String> headers, byte[] payload) {
        byte[] encoded = encode(headers);
        int length = PRELUDE_BYTES + encoded.length + payload.length + CHECKSUM_BYTES;
        ByteBuffer frame = ByteBuffer.allocate(length).putInt(length).putInt(encoded.length);
        frame.putInt(checksum(frame)).put(encoded).put(payload);
        frame.putInt(checksum(frame));
        return frame.flip();
    }

    /** The checksum of all bytes up to here. */
    private static int checksum(ByteBuffer frame) {
        CRC32 crc = new CRC32();
        crc.update(frame.array(), 0, frame.position());
        return (int) crc.getValue();
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
