/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * Puts as bytes of HTTP, encoded and signed before the clock runs, so that what is measured is the
 * server and not the client. Signatures hold for 15 minutes.
 */
final class Prepared {

    enum Encoding {
        JSON("application/x-amz-json-1.1"),
        CBOR("application/x-amz-cbor-1.1");

        private final String contentType;

        Encoding(String contentType) {
            this.contentType = contentType;
        }

        JsonFactory factory() {
            return this == JSON ? new JsonFactory() : new CBORFactory();
        }
    }

    private final URI endpoint;
    private final AwsCredentialsIdentity credentials;
    private final Encoding encoding;

    Prepared(URI endpoint, AwsCredentialsIdentity credentials, Encoding encoding) {
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.encoding = encoding;
    }

    Encoding encoding() {
        return encoding;
    }

    /** Several requests of PutRecords, each with other partition keys and data. */
    List<byte[]> putRecords(String stream, int requests, int batch, int recordBytes, int seed) {
        Random random = new Random(seed);
        List<byte[]> prepared = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            prepared.add(
                    request(
                            "PutRecords",
                            out -> {
                                out.writeStringField("StreamName", stream);
                                out.writeArrayFieldStart("Records");
                                for (int k = 0; k < batch; k++) {
                                    out.writeStartObject();
                                    writeRecord(out, recordBytes, random);
                                    out.writeEndObject();
                                }
                                out.writeEndArray();
                            }));
        }
        return prepared;
    }

    /** Several requests of PutRecord. */
    List<byte[]> putRecord(String stream, int requests, int recordBytes, int seed) {
        Random random = new Random(seed);
        List<byte[]> prepared = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            prepared.add(
                    request(
                            "PutRecord",
                            out -> {
                                out.writeStringField("StreamName", stream);
                                writeRecord(out, recordBytes, random);
                            }));
        }
        return prepared;
    }

    /**
     * Requests of PutRecord to one key, whose data begins with the request's number, so that who
     * reads it knows which it is.
     */
    List<byte[]> putNumbered(String stream, int requests, int recordBytes) {
        List<byte[]> prepared = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            byte[] data = ByteBuffer.allocate(recordBytes).putLong(i).array();
            prepared.add(
                    request(
                            "PutRecord",
                            out -> {
                                out.writeStringField("StreamName", stream);
                                out.writeBinaryField("Data", data);
                                out.writeStringField("PartitionKey", "k");
                            }));
        }
        return prepared;
    }

    private static void writeRecord(JsonGenerator out, int bytes, Random random)
            throws IOException {
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        out.writeBinaryField("Data", data);
        out.writeStringField("PartitionKey", Long.toHexString(random.nextLong()));
    }

    interface Body {
        void write(JsonGenerator out) throws IOException;
    }

    /** One request, signed now. */
    byte[] request(String operation, Body body) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try (JsonGenerator out = encoding.factory().createGenerator(content)) {
            out.writeStartObject();
            body.write(out);
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return request(operation, content.toByteArray());
    }

    private byte[] request(String operation, byte[] content) {
        SdkHttpRequest unsigned =
                SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(endpoint.resolve("/"))
                        .putHeader("Content-Type", encoding.contentType)
                        .putHeader("X-Amz-Target", "Kinesis_20131202." + operation)
                        .build();
        StringBuilder head = new StringBuilder("POST / HTTP/1.1\r\n");
        AwsV4HttpSigner.create()
                .sign(r ->
                        r.identity(credentials)
                                .request(unsigned)
                                .payload(ContentStreamProvider.fromByteArray(content))
                                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "kinesis")
                                .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"))
                .request()
                .forEachHeader((name, values) ->
                        head.append(name).append(": ").append(values.getFirst()).append("\r\n"));
        head.append("Content-Length: ").append(content.length).append("\r\n\r\n");
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(content);
        return request.toByteArray();
    }
}
