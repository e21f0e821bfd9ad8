/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.broker.access.AccessKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Calls of operations and fields that the SDK for Java does not know yet. */
record SignedPost(int port) {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON_MAPPER = new JsonMapper();

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
        SdkHttpRequest unsigned =
                SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(URI.create("http://127.0.0.1:" + port + "/"))
                        .putHeader("Content-Type", "application/x-amz-json-1.1")
                        .putHeader("X-Amz-Target", target)
                        .build();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(unsigned.getUri())
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        AwsV4HttpSigner.create()
                .sign(r ->
                        r.identity(AwsCredentialsIdentity.create(key.id(), key.secret()))
                                .request(unsigned)
                                .payload(ContentStreamProvider.fromUtf8String(body))
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
                        : JSON_MAPPER.readTree(response.body());
        return new Reply(response.statusCode(), parsed);
    }
}
