/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Signed requests of the control API. */
record ControlRequests(String region, Clock clock) {

    static final String TARGET_PREFIX = "Millrace_20261101.";
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

    /** Headers that the JDK's client sets itself, from the same address that was signed. */
    private static final Set<String> LEFT_TO_THE_CLIENT = Set.of("host", "content-length");

    HttpRequest of(URI endpoint, String operation, JsonNode json, OperatorKeys.Key key) {
        byte[] body = json.toString().getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(endpoint.resolve("/"))
                        .timeout(ANSWER_WITHIN)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        for (Map.Entry<String, List<String>> header :
                signed(endpoint, operation, body, key).request().headers().entrySet()) {
            if (!LEFT_TO_THE_CLIENT.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                header.getValue().forEach(value -> request.header(header.getKey(), value));
            }
        }
        return request.build();
    }

    private SignedRequest signed(
            URI endpoint, String operation, byte[] body, OperatorKeys.Key key) {
        SdkHttpRequest unsigned =
                SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(endpoint.resolve("/"))
                        .putHeader("Content-Type", "application/x-amz-json-1.1")
                        .putHeader("X-Amz-Target", TARGET_PREFIX + operation)
                        .build();
        return AwsV4HttpSigner.create()
                .sign(request ->
                        request.identity(
                                        AwsCredentialsIdentity.create(
                                                key.accessKeyId(), key.secretAccessKey()))
                                .request(unsigned)
                                .payload(ContentStreamProvider.fromByteArray(body))
                                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "kinesis")
                                .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                                .putProperty(HttpSigner.SIGNING_CLOCK, clock));
    }
}
