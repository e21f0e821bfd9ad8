/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.millrace.broker.access.Caller;
import dev.millrace.broker.wire.Call;
import dev.millrace.broker.wire.Protocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PutCborTest {

    @Test
    void readsWhatSdksWrite() throws Exception {
        byte[] body =
                cbor(out -> {
                    out.writeStartObject();
                    out.writeStringField("StreamName", "orders");
                    out.writeArrayFieldStart("Records");
                    writeRecord(out, new byte[] {1, -1}, "a", null, -1);
                    writeRecord(out, new byte[100_000], "b", "12", -1);
                    out.writeEndArray();
                    out.writeEndObject();
                });

        PutRequest request = PutCbor.read(body, body.length).orElseThrow();

        assertThat(request.stream().name()).contains("orders");
        assertThat(request.listed()).isTrue();
        assertThat(request.entries().getFirst().data()).containsExactly(1, -1);
        assertThat(request.entries().getLast().data()).hasSize(100_000);
        assertThat(request.entries().getLast().explicitHashKey()).isEqualTo("12");
        assertSame(request, PutRequest.parseWhole(call(body)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "f6", // null
                "a16444617461f6", // {Data: null}
                "a164446174615f4101ff", // data in pieces
                "a16444617461440102", // data that breaks off
                "a164446174615affffffff", // data of four gigabytes
                "a16c506172746974696f6e4b657962c3a4", // a key beyond ASCII
                "a16c506172746974696f6e4b657901", // a key that is a number
                "a166447279527566f5", // another field
                "a0f6", // more behind it
                "bf", // no end
                "a1675265636f726473f6", // {Records: null}
                "a1675265636f72647381f6", // a record that is null
                "c1a0", // a tag
            })
    void leavesTheRestToTheParser(String hex) {
        byte[] body = HexFormat.of().parseHex(hex);
        assertThat(PutCbor.read(body, body.length)).isEmpty();
    }

    @Test
    void agreesWithTheParserOnWhateverItReads() throws Exception {
        Random random = new Random(1);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] body = document(random);
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            int length = random.nextInt(8) == 0 ? random.nextInt(body.length) : body.length;
            Optional<PutRequest> fast = PutCbor.read(body, length);
            if (fast.isPresent()) {
                read++;
                assertSame(fast.get(), PutRequest.parseWhole(call(Arrays.copyOf(body, length))));
            }
        }
        assertThat(read).isBetween(6_000, 19_000);
    }

    private interface Body {
        void write(JsonGenerator out) throws IOException;
    }

    private static byte[] cbor(Body body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = new CBORFactory().createGenerator(bytes)) {
            body.write(out);
        }
        return bytes.toByteArray();
    }

    /** With lengths as some SDKs write them, or without as others do. */
    private static byte[] document(Random random) throws IOException {
        boolean lengths = random.nextBoolean();
        return cbor(out -> {
            int records = random.nextInt(5);
            startObject(out, lengths ? 2 : -1);
            out.writeStringField("StreamName", "orders");
            out.writeFieldName("Records");
            if (lengths) {
                out.writeStartArray(null, records);
            } else {
                out.writeStartArray();
            }
            for (int i = 0; i < records; i++) {
                byte[] data = new byte[random.nextInt(300)];
                random.nextBytes(data);
                String hash = random.nextBoolean() ? null : Integer.toString(random.nextInt(99));
                int fields = hash == null ? 2 : 3;
                writeRecord(
                        out,
                        data,
                        Long.toString(random.nextLong(), 36),
                        hash,
                        lengths ? fields : -1);
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    private static void writeRecord(
            JsonGenerator out, byte[] data, String key, @Nullable String hash, int fields)
            throws IOException {
        startObject(out, fields);
        out.writeBinaryField("Data", data);
        out.writeStringField("PartitionKey", key);
        if (hash != null) {
            out.writeStringField("ExplicitHashKey", hash);
        }
        out.writeEndObject();
    }

    private static void startObject(JsonGenerator out, int fields) throws IOException {
        if (fields < 0) {
            out.writeStartObject();
        } else {
            out.writeStartObject(null, fields);
        }
    }

    private static void assertSame(PutRequest one, PutRequest other) {
        assertThat(one.stream()).isEqualTo(other.stream());
        assertThat(one.listed()).isEqualTo(other.listed());
        assertThat(one.surplus()).isEqualTo(other.surplus());
        assertThat(one.sequenceNumberForOrdering()).isEqualTo(other.sequenceNumberForOrdering());
        assertThat(one.entries())
                .usingElementComparator((a, b) -> text(a).compareTo(text(b)))
                .containsExactlyElementsOf(other.entries());
    }

    private static String text(PutEntry entry) {
        return entry.partitionKey() + entry.explicitHashKey() + Arrays.toString(entry.data());
    }

    private static Call call(byte[] bytes) {
        return new Call(Caller.unlimited("a"), Protocol.CBOR, bytes, bytes.length);
    }
}
