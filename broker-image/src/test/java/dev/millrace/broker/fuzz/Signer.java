/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.fuzz;

import dev.millrace.broker.access.AccessKey;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner.AuthLocation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Signs requests as the SDK does. */
record Signer(int port, AccessKey key) {

    /**
     * A signed request.
     *
     * @param path with the query
     */
    record Signed(String path, Map<String, String> headers) {}

    Signed sign(String target, String contentType, byte[] body, boolean inQuery) {
        SdkHttpRequest unsigned =
                SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(URI.create("http://127.0.0.1:" + port + "/"))
                        .putHeader("Content-Type", contentType)
                        .putHeader("X-Amz-Target", target)
                        .build();
        SdkHttpRequest signed =
                AwsV4HttpSigner.create()
                        .sign(r ->
                                r.identity(AwsCredentialsIdentity.create(key.id(), key.secret()))
                                        .request(unsigned)
                                        .payload(() -> new ByteArrayInputStream(body))
                                        .putProperty(
                                                AwsV4HttpSigner.AUTH_LOCATION,
                                                inQuery
                                                        ? AuthLocation.QUERY_STRING
                                                        : AuthLocation.HEADER)
                                        .putProperty(
                                                AwsV4HttpSigner.SERVICE_SIGNING_NAME, "kinesis")
                                        .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"))
                        .request();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        signed.forEachHeader((name, values) -> headers.put(name, values.getFirst()));
        String query = signed.encodedQueryParameters().map(q -> "?" + q).orElse("");
        return new Signed("/" + query, headers);
    }
}
