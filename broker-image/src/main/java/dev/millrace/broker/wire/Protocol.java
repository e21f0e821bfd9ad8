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
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** The two encodings of the same bodies. An answer comes in its request's encoding. */
public enum Protocol {
    JSON("application/x-amz-json-1.1", json()),
    CBOR("application/x-amz-cbor-1.1", cbor());

    private static final int CBOR_EPOCH_TAG = 1;

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
        switch (this) {
            case JSON ->
                    out.writeNumber(BigDecimal.valueOf(time.toEpochMilli(), 3).toPlainString());
            case CBOR -> {
                ((CBORGenerator) out).writeTag(CBOR_EPOCH_TAG);
                out.writeNumber(time.toEpochMilli());
            }
        }
    }

    /** Writes a string of printable ASCII that needs no escapes. */
    public void writeAscii(JsonGenerator out, byte[] ascii) throws IOException {
        switch (this) {
            case JSON -> out.writeRawUTF8String(ascii, 0, ascii.length);
            case CBOR -> out.writeUTF8String(ascii, 0, ascii.length);
        }
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
