/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.access.AccessKey;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** What comes over a bare socket: the answer is Amazon's, and the connection lives on. */
@Timeout(60)
class BadInputTest {

    private static final int MIB = 1024 * 1024;

    private static final String JSON = "application/x-amz-json-1.1";
    private static final String KINESIS = "Kinesis_20131202.";
    private static InMemoryGateway gateway;

    private Socket socket;
    private DataInputStream in;

    private record Reply(int status, Map<String, String> headers, String body) {}

    @BeforeAll
    static void startGateway() {
        gateway = new InMemoryGateway(24L * 1024 * 1024);
    }

    @AfterAll
    static void stopGateway() {
        gateway.close();
    }

    @BeforeEach
    void connect() throws IOException {
        socket = new Socket("127.0.0.1", gateway.port());
        socket.setSoTimeout(20_000);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Whatever a test sent, the same connection still takes a good request. */
    @AfterEach
    void theConnectionLivesOn() throws IOException {
        if (!socket.isClosed()) {
            Reply reply = call(KINESIS + "ListStreams", "{}");
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).contains("\"StreamNames\":");
            socket.close();
        }
    }

    @Test
    void answersWithRequestIds() throws IOException {
        Reply reply = call(KINESIS + "ListStreams", "{}");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers()).containsEntry("content-type", JSON);
        assertThat(reply.headers()).containsKeys("x-amzn-requestid", "x-amz-id-2", "date");
        assertThat(reply.headers()).doesNotContainKey("server");
    }

    @Test
    void malformedJson() throws IOException {
        for (String body : new String[] {"{", "", "[]", "nonsense", "{} {}", "{\"a\":}", "\"x\""}) {
            assertError(
                    call(KINESIS + "ListStreams", body),
                    400,
                    "SerializationException",
                    "{\"__type\":\"SerializationException\"}");
            assertThat(call(KINESIS + "PutRecords", body).body())
                    .isEqualTo("{\"__type\":\"SerializationException\"}");
        }
    }

    /** No answer can hold it, and some would quote it. */
    @Test
    void halfASurrogatePairIsNoText() throws IOException {
        for (String body :
                new String[] {
                    "{\"StreamName\":\"\\udc56\"}",
                    "{\"StreamName\":\"a\",\"Tags\":{\"\\ud800\":\"b\"}}",
                    "{\"StreamName\":\"a\",\"Tags\":{\"a\":\"\\ud800x\"}}"
                }) {
            assertError(
                    call(KINESIS + "AddTagsToStream", body),
                    400,
                    "SerializationException",
                    "{\"__type\":\"SerializationException\"}");
        }
        Reply put =
                call(
                        KINESIS + "PutRecord",
                        "{\"StreamName\":\"\\ud800\",\"PartitionKey\":\"\\udc56\",\"Data\":\"\"}");
        assertThat(put.status()).as(put.body()).isEqualTo(400);
    }

    @Test
    void valuesOfAnotherType() throws IOException {
        assertSerialization(
                "ListStreams",
                "{\"Limit\":\"5\"}",
                "class java.lang.String can not be converted to an Integer");
        assertSerialization(
                "ListStreams", "{\"Limit\":[]}", "Start of list found where not expected");
        assertSerialization(
                "DescribeStream",
                "{\"StreamName\":true}",
                "class java.lang.Boolean can not be converted to an String");
        assertSerialization(
                "PutRecord",
                "{\"Data\":5}",
                "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to a Blob");
        assertSerialization(
                "PutRecords",
                "{\"Records\":{}}",
                "Start of structure or map found where not expected.");
        assertSerialization(
                "PutRecords", "{\"Records\":[[]]}", "Start of list found where not expected");
        assertThat(call(KINESIS + "PutRecord", "{\"Data\":\"%%%\"}").body())
                .contains("SerializationException", "can not be converted to a Blob");
    }

    @Test
    void deeplyNestedJsonIsRefused() throws IOException {
        assertThat(call(KINESIS + "ListStreams", "{\"a\":" + "[".repeat(5_000)).status())
                .isEqualTo(400);
        assertThat(call(KINESIS + "PutRecord", "{\"a\":" + "[".repeat(5_000)).status())
                .isEqualTo(400);
    }

    @Test
    void unknownAndMissingOperations() throws IOException {
        assertError(
                call(KINESIS + "LaunchRocket", "{}"),
                400,
                "UnknownOperationException",
                "{\"__type\":\"UnknownOperationException\"}");
        assertThat(call("DynamoDB_20120810.ListTables", "{}").status()).isEqualTo(400);
        assertThat(send("POST", Map.of("Content-Type", JSON), bytes("{}")).body())
                .contains("UnknownOperationException");
    }

    @Test
    void otherMethodsAndContentTypes() throws IOException {
        Reply get = send("GET", Map.of(), new byte[0]);
        assertThat(get.status()).isEqualTo(403);
        assertThat(get.body())
                .isEqualTo(
                        "<AccessDeniedException>\n  <Message>Unable to determine service/operation"
                                + " name to be authorized</Message>\n</AccessDeniedException>\n");
        Reply text =
                send(
                        "POST",
                        Map.of(
                                "Content-Type",
                                "text/plain",
                                "X-Amz-Target",
                                KINESIS + "ListStreams"),
                        bytes("{}"));
        assertThat(text.status()).isEqualTo(404);
        assertThat(text.body()).isEqualTo("<UnknownOperationException/>\n");
    }

    @Test
    void missingWrongAndForeignSignatures() throws IOException {
        Map<String, String> plain =
                Map.of("Content-Type", JSON, "X-Amz-Target", KINESIS + "ListStreams");
        assertError(
                send("POST", plain, bytes("{}")),
                400,
                "MissingAuthenticationTokenException",
                "{\"__type\":\"MissingAuthenticationTokenException\",\"message\":\"Missing"
                        + " Authentication Token\"}");
        AccessKey wrongSecret =
                new AccessKey(InMemoryGateway.CLIENT.id(), "wrong", InMemoryGateway.CLIENT.role());
        assertThat(call(wrongSecret, KINESIS + "ListStreams", "{}").body())
                .contains(
                        "InvalidSignatureException",
                        "The request signature we calculated does not match the signature you"
                                + " provided.");
        AccessKey unknown = new AccessKey("AKIDNOBODY", "x", InMemoryGateway.CLIENT.role());
        assertError(
                call(unknown, KINESIS + "ListStreams", "{}"),
                400,
                "UnrecognizedClientException",
                "{\"__type\":\"UnrecognizedClientException\",\"message\":\"The security token"
                        + " included in the request is invalid.\"}");
    }

    @Test
    void theOperatorsApiIsForTheOperator() throws IOException {
        Reply refused = call("Millrace_20261101.ListStreamStates", "{}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body())
                .contains(
                        "AccessDeniedException",
                        "user/AKIDTEST is not authorized to perform: millrace:ListStreamStates");

        Reply applied =
                call(
                        InMemoryGateway.OPERATOR,
                        "Millrace_20261101.ApplyStream",
                        "{\"StreamName\":\"applied\",\"OwnerUid\":\"u1\",\"ShardCount\":2,"
                                + "\"StreamMode\":\"PROVISIONED\",\"Tags\":{\"a\":\"b\"}}");
        assertThat(applied.status()).as(applied.body()).isEqualTo(200);
        assertThat(applied.body())
                .contains(
                        "\"StreamName\":\"applied\"",
                        "\"OwnerUid\":\"u1\"",
                        "\"Tags\":{\"a\":\"b\"}");
        assertThat(
                        call(InMemoryGateway.OPERATOR, "Millrace_20261101.ListStreamStates", "{}")
                                .body())
                .contains("\"OpenShardCount\":2", "\"DeletedStreams\":[");
        assertThat(call(InMemoryGateway.OPERATOR, "Millrace_20261101.DescribePool", "{}").body())
                .contains("\"Brokers\":[{\"NodeId\":0", "\"StreamCount\":1");
        String remove = "{\"StreamName\":\"applied\",\"OwnerUid\":\"u1\"}";
        assertThat(call(InMemoryGateway.OPERATOR, "Millrace_20261101.RemoveStream", remove).body())
                .isEqualTo("{}");
        assertThat(
                        call(InMemoryGateway.OPERATOR, "Millrace_20261101.RemoveStream", remove)
                                .status())
                .isEqualTo(200);
    }

    @Test
    void aBodyBeyondTheLimitIsRefusedUnread() throws IOException {
        socket.getOutputStream()
                .write(
                        bytes(
                                "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                        + JSON
                                        + "\r\nX-Amz-Target: Kinesis_20131202.PutRecords\r\n"
                                        + "Content-Length: 17000000\r\n\r\n"));

        Reply reply = read();

        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.body()).contains("RequestEntityTooLargeException");
        socket.close();
    }

    @Test
    void whatDoesNotFitIntoMemoryIsToBeTriedAgain() throws IOException {
        // What has come of the two is more than half of the budget of 24 MiB: records are made of
        // it.
        String head =
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: "
                        + JSON
                        + "\r\nX-Amz-Target: Kinesis_20131202.PutRecords\r\n"
                        + "Content-Length: 16000000\r\n\r\n";
        Reply reply;
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        do {
            try (Socket first = new Socket("127.0.0.1", gateway.port())) {
                first.getOutputStream().write(bytes(head));
                first.getOutputStream().write(new byte[5 * MIB]);
                // The first may not have been received yet, or be given up already: then this one
                // is read and waited for, and both try again.
                socket.close();
                connect();
                socket.setSoTimeout(2_000);
                socket.getOutputStream().write(bytes(head));
                socket.getOutputStream().write(new byte[4 * MIB + 1]);
                reply = readOrNothing();
            }
        } while (reply.status() != 503 && System.nanoTime() < end);
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.body()).contains("ServiceUnavailableException");
        socket.close();
    }

    @Test
    void aBodyThatDoesNotComeIsGivenUp() throws IOException {
        socket.setSoTimeout(30_000);
        socket.getOutputStream()
                .write(
                        bytes(
                                "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                        + JSON
                                        + "\r\nX-Amz-Target: Kinesis_20131202.PutRecords\r\n"
                                        + "Content-Length: 1000\r\n\r\n{"));

        Reply reply = read();

        assertThat(reply.status()).isEqualTo(408);
        assertThat(reply.body()).contains("RequestTimeoutException");
        socket.close();
    }

    @Test
    void chunkedAndCompressedBodiesAreTaken() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(bytes("{\"Limit\":1}"));
        }
        Reply compressed =
                send(
                        "POST",
                        signed(
                                InMemoryGateway.CLIENT,
                                Map.of(
                                        "Content-Type",
                                        JSON,
                                        "X-Amz-Target",
                                        KINESIS + "ListStreams",
                                        "Content-Encoding",
                                        "gzip"),
                                zipped.toByteArray()),
                        zipped.toByteArray());
        assertThat(compressed.status()).as(compressed.body()).isEqualTo(200);

        Map<String, String> headers =
                signed(
                        InMemoryGateway.CLIENT,
                        Map.of("Content-Type", JSON, "X-Amz-Target", KINESIS + "ListStreams"),
                        bytes("{\"Limit\":1}"));
        StringBuilder text = new StringBuilder("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n");
        headers.forEach((name, value) -> text.append(name + ": " + value + "\r\n"));
        text.append("\r\n5\r\n{\"Lim\r\n6\r\nit\":1}\r\n0\r\n\r\n");
        socket.getOutputStream().write(bytes(text.toString()));
        assertThat(read().status()).isEqualTo(200);
    }

    @Test
    void aCompressedBodyThatBreaksOffIsTheCallersError() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(bytes("{\"Limit\":1}"));
        }
        for (int length = 1; length < zipped.size(); length += 3) {
            byte[] brokenOff = Arrays.copyOf(zipped.toByteArray(), length);
            Map<String, String> headers =
                    Map.of(
                            "Content-Type",
                            JSON,
                            "X-Amz-Target",
                            KINESIS + "ListStreams",
                            "Content-Encoding",
                            "gzip");
            Reply reply =
                    send("POST", signed(InMemoryGateway.CLIENT, headers, brokenOff), brokenOff);
            assertThat(reply.status()).as("%d bytes", length).isEqualTo(400);
            assertThat(reply.body()).contains("SerializationException");
        }
    }

    private void assertSerialization(String operation, String body, String message)
            throws IOException {
        assertError(
                call(KINESIS + operation, body),
                400,
                "SerializationException",
                "{\"__type\":\"SerializationException\",\"Message\":\"" + message + "\"}");
    }

    private static void assertError(Reply reply, int status, String type, String body) {
        assertThat(reply.body()).isEqualTo(body);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.headers())
                .containsEntry("x-amzn-errortype", type)
                .containsEntry("content-type", JSON)
                .containsKey("x-amzn-requestid");
    }

    private Reply call(String target, String body) throws IOException {
        return call(InMemoryGateway.CLIENT, target, body);
    }

    private Reply call(AccessKey key, String target, String body) throws IOException {
        Map<String, String> headers =
                signed(key, Map.of("Content-Type", JSON, "X-Amz-Target", target), bytes(body));
        return send("POST", headers, bytes(body));
    }

    private Map<String, String> signed(AccessKey key, Map<String, String> headers, byte[] body) {
        SdkHttpRequest.Builder unsigned =
                SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(URI.create("http://127.0.0.1:" + gateway.port() + "/"));
        headers.forEach(unsigned::putHeader);
        Map<String, String> signed = new TreeMap<>();
        AwsV4HttpSigner.create()
                .sign(r ->
                        r.identity(AwsCredentialsIdentity.create(key.id(), key.secret()))
                                .request(unsigned.build())
                                .payload(ContentStreamProvider.fromByteArray(body))
                                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "kinesis")
                                .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"))
                .request()
                .forEachHeader((name, values) -> signed.put(name, values.getFirst()));
        return signed;
    }

    private Reply send(String method, Map<String, String> headers, byte[] body) throws IOException {
        StringBuilder text = new StringBuilder(method + " / HTTP/1.1\r\n");
        if (!headers.containsKey("Host")) {
            text.append("Host: 127.0.0.1\r\n");
        }
        headers.forEach((name, value) -> text.append(name + ": " + value + "\r\n"));
        text.append("Content-Length: " + body.length + "\r\n\r\n");
        OutputStream out = socket.getOutputStream();
        out.write(bytes(text.toString()));
        out.write(body);
        return read();
    }

    private Reply readOrNothing() {
        try {
            return read();
        } catch (IOException _) {
            return new Reply(0, Map.of(), "");
        }
    }

    private Reply read() throws IOException {
        int status = Integer.parseInt(line().split(" ")[1]);
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        byte[] body = new byte[Integer.parseInt(headers.getOrDefault("content-length", "0"))];
        in.readFully(body);
        return new Reply(status, headers, new String(body, StandardCharsets.UTF_8));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("The gateway closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
