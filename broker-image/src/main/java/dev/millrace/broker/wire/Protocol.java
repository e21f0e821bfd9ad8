/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** The two encodings of the same bodies. An answer comes in its request's encoding. */
public enum Protocol {
    JSON("application/x-amz-json-1.1", json()),
    CBOR("application/x-amz-cbor-1.1", cbor());

    private static final int CBOR_EPOCH_TAG = 1;

    /** Larger ones are encoded in pieces, so that nobody holds all of them twice. */
    private static final int BASE64_WHOLE_MAX = 64 * 1024;

    private final String contentType;
    private final JsonFactory factory;

    Protocol(String contentType, JsonFactory factory) {
        this.contentType = contentType;
        this.factory = factory;
    }

    /** The protocol of a Content-Type header, whatever its parameters. */
    public static Optional<Protocol> ofContentType(String header) {
        int semicolon = header.indexOf(';');
        String type =
                (semicolon < 0 ? header : header.substring(0, semicolon))
                        .strip()
                        .toLowerCase(Locale.ROOT);
        for (Protocol protocol : values()) {
            if (protocol.contentType.equals(type)) {
                return Optional.of(protocol);
            }
        }
        return Optional.empty();
    }

    public String contentType() {
        return contentType;
    }

    JsonParser parser(byte[] body, int length) throws IOException {
        return factory.createParser(body, 0, length);
    }

    JsonGenerator generator(OutputStream out) throws IOException {
        return factory.createGenerator(out);
    }

    /**
     * Writes a timestamp as AWS does: in JSON seconds with the milliseconds as a fraction, in CBOR
     * milliseconds behind the tag for times.
     */
    public void writeTimestamp(JsonGenerator out, Instant time) throws IOException {
        writeTimestamp(out, time.toEpochMilli());
    }

    /** Writes a time in milliseconds since 1970; each record that is read has one. */
    public void writeTimestamp(JsonGenerator out, long epochMillis) throws IOException {
        switch (this) {
            case JSON -> out.writeNumber(BigDecimal.valueOf(epochMillis, 3).toPlainString());
            case CBOR -> {
                ((CBORGenerator) out).writeTag(CBOR_EPOCH_TAG);
                out.writeNumber(epochMillis);
            }
        }
    }

    /** Writes a string of printable ASCII that needs no escapes. */
    public void writeAscii(JsonGenerator out, byte[] ascii, int offset, int length)
            throws IOException {
        switch (this) {
            case JSON -> out.writeRawUTF8String(ascii, offset, length);
            case CBOR -> out.writeUTF8String(ascii, offset, length);
        }
    }

    /** Writes a string from its UTF-8 bytes, which may be any. */
    public void writeText(JsonGenerator out, ByteBuffer utf8) throws IOException {
        byte[] bytes = utf8.array();
        int offset = utf8.arrayOffset() + utf8.position();
        int length = utf8.remaining();
        if (isPlain(bytes, offset, length)) {
            writeAscii(out, bytes, offset, length);
        } else {
            out.writeString(new String(bytes, offset, length, StandardCharsets.UTF_8));
        }
    }

    private static boolean isPlain(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            byte b = bytes[i];
            if (b < ' ' || b == 0x7F || b == '"' || b == '\\') {
                return false;
            }
        }
        return true;
    }

    /** Writes bytes: as they are in CBOR, in base64 in JSON. */
    public void writeBlob(JsonGenerator out, ByteBuffer blob) throws IOException {
        int length = blob.remaining();
        if (this == JSON && length <= BASE64_WHOLE_MAX) {
            // Java's own encoder is many times faster than the generator's, which goes byte by
            // byte.
            byte[] base64 = Base64.getEncoder().encode(blob.duplicate()).array();
            out.writeRawUTF8String(base64, 0, base64.length);
        } else {
            out.writeBinary(blob.array(), blob.arrayOffset() + blob.position(), length);
        }
    }

    /** How many bytes a blob becomes. */
    public int sizeOfBlob(long bytes) {
        return Math.toIntExact(this == JSON ? (bytes + 2) / 3 * 4 : bytes);
    }

    /** Reads what {@link #writeTimestamp} writes, and what SDKs send. */
    Instant readTimestamp(Number value) {
        boolean millis = this == CBOR && (value instanceof Long || value instanceof Integer);
        return millis
                ? Instant.ofEpochMilli(value.longValue())
                : Instant.ofEpochMilli(
                        new BigDecimal(value.toString()).movePointRight(3).longValue());
    }

    private static StreamReadConstraints constraints() {
        return StreamReadConstraints.builder()
                .maxNestingDepth(16)
                .maxNameLength(1024)
                .maxStringLength(20_000_000)
                .build();
    }

    private static JsonFactory json() {
        return JsonFactory.builder()
                .streamReadConstraints(constraints())
                .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
                .build();
    }

    private static JsonFactory cbor() {
        return CBORFactory.builder()
                .streamReadConstraints(constraints())
                .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
                .build();
    }
}
