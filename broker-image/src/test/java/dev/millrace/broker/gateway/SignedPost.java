/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.millrace.broker.access.AccessKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.BiFunction;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Calls of operations and fields that the SDK for Java does not know yet. */
record SignedPost(int port, Encoding encoding) {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON_MAPPER = new JsonMapper();
    private static final CBORMapper CBOR_MAPPER = new CBORMapper();

    /** How bodies go over the wire; tests write and read JSON in either case. */
    enum Encoding {
        JSON("application/x-amz-json-1.1"),
        CBOR("application/x-amz-cbor-1.1");

        private final String contentType;

        Encoding(String contentType) {
            this.contentType = contentType;
        }

        private byte[] encode(String body) throws IOException {
            if (this == JSON) {
                return body.getBytes(StandardCharsets.UTF_8);
            }
            try {
                return CBOR_MAPPER.writeValueAsBytes(toCbor(JSON_MAPPER.readTree(body)));
            } catch (JsonProcessingException _) {
                // What is no JSON becomes something that is no CBOR.
                return new byte[] {(byte) 0xff};
            }
        }

        private JsonNode decode(byte[] body) throws IOException {
            return this == JSON ? JSON_MAPPER.readTree(body) : fromCbor(CBOR_MAPPER.readTree(body));
        }
    }

    SignedPost(int port) {
        this(port, Encoding.JSON);
    }

    /** Bytes are bytes, and times are in milliseconds. */
    private static JsonNode toCbor(JsonNode json) {
        return each(
                json,
                (name, value) -> {
                    if (name.equals("Data") && value.isTextual()) {
                        return BinaryNode.valueOf(Base64.getDecoder().decode(value.asText()));
                    }
                    return name.endsWith("Timestamp") && value.isNumber()
                            ? LongNode.valueOf(Math.round(1_000 * value.asDouble()))
                            : value;
                });
    }

    private static JsonNode fromCbor(JsonNode cbor) {
        return each(
                cbor,
                (name, value) -> {
                    if (name.equals("Data")) {
                        assertThat(value.isBinary()).as("Data is bytes").isTrue();
                        return TextNode.valueOf(value.asText());
                    }
                    if (name.endsWith("Timestamp")) {
                        assertThat(value.isIntegralNumber()).as(name + " is in ms").isTrue();
                        return DoubleNode.valueOf(value.asLong() / 1e3);
                    }
                    return value;
                });
    }

    private static JsonNode each(JsonNode node, BiFunction<String, JsonNode, JsonNode> change) {
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode changed = JSON_MAPPER.createObjectNode();
                object.properties()
                        .forEach(field ->
                                changed.set(
                                        field.getKey(),
                                        change.apply(
                                                field.getKey(), each(field.getValue(), change))));
                yield changed;
            }
            case ArrayNode array -> {
                ArrayNode changed = JSON_MAPPER.createArrayNode();
                array.forEach(element -> changed.add(each(element, change)));
                yield changed;
            }
            default -> node;
        };
    }

    /** The answer of a call: what its type is if it failed. */
    record Reply(int status, JsonNode body) {
        String error() {
            return body.path("__type").asText();
        }

        String message() {
            return body.path("message").asText();
        }
    }

    Reply call(AccessKey key, String operation, String body)
            throws IOException, InterruptedException {
        return target(key, "Kinesis_20131202." + operation, body);
    }

    /** An operation that only the operator may call. */
    Reply control(AccessKey key, String operation, String body)
            throws IOException, InterruptedException {
        return target(key, "Millrace_20261101." + operation, body);
    }

    private Reply target(AccessKey key, String target, String body)
            throws IOException, InterruptedException {
        byte[] bytes = encoding.encode(body);
        SdkHttpRequest unsigned =
                SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(URI.create("http://127.0.0.1:" + port + "/"))
                        .putHeader("Content-Type", encoding.contentType)
                        .putHeader("X-Amz-Target", target)
                        .build();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(unsigned.getUri())
                        .POST(HttpRequest.BodyPublishers.ofByteArray(bytes));
        AwsV4HttpSigner.create()
                .sign(r ->
                        r.identity(AwsCredentialsIdentity.create(key.id(), key.secret()))
                                .request(unsigned)
                                .payload(ContentStreamProvider.fromByteArray(bytes))
                                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "kinesis")
                                .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"))
                .request()
                .forEachHeader((name, values) -> {
                    if (!name.equalsIgnoreCase("host")) {
                        request.header(name, values.getFirst());
                    }
                });
        HttpResponse<byte[]> response =
                HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        JsonNode parsed =
                response.body().length == 0
                        ? JSON_MAPPER.createObjectNode()
                        : encoding.decode(response.body());
        return new Reply(response.statusCode(), parsed);
    }
}
