/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.broker.tls.SelfSigned;
import dev.millrace.broker.tls.TlsIdentity;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** HTTP/1.1 and HTTP/2, with TLS and without, on the gateway's two ports. */
@Timeout(60)
class HttpVersionsTest {

    private final TlsIdentity identity = made();
    private final InMemoryGateway gateway = new InMemoryGateway();

    @BeforeEach
    void identify() {
        gateway.identify(identity);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void theAsyncSdkSpeaksHttp2WithAndWithoutTls() throws Exception {
        try (KinesisAsyncClient plain = client("http", gateway.port(), Protocol.HTTP2);
                KinesisAsyncClient secured = client("https", gateway.tlsPort(), Protocol.HTTP2)) {
            plain.createStream(r -> r.streamName("s").shardCount(1)).join();
            // Larger than the flow-control windows that a connection begins with.
            byte[] data = new byte[900_000];
            List<PutRecordsRequestEntry> entries =
                    IntStream.range(0, 4)
                            .mapToObj(i ->
                                    PutRecordsRequestEntry.builder()
                                            .partitionKey("k")
                                            .data(SdkBytes.fromByteArray(data))
                                            .build())
                            .toList();
            for (KinesisAsyncClient client : List.of(plain, secured)) {
                assertThat(
                                client.putRecords(r -> r.streamName("s").records(entries))
                                        .join()
                                        .failedRecordCount())
                        .isZero();
                String iterator =
                        client.getShardIterator(r ->
                                        r.streamName("s")
                                                .shardId("shardId-000000000000")
                                                .shardIteratorType("TRIM_HORIZON"))
                                .join()
                                .shardIterator();
                assertThat(client.getRecords(r -> r.shardIterator(iterator)).join().records())
                        .allSatisfy(
                                record -> assertThat(record.data().asByteArray()).isEqualTo(data))
                        .hasSizeGreaterThanOrEqualTo(4);
            }
        }
    }

    @Test
    void theAsyncSdkSpeaksHttp11WithAndWithoutTls() throws Exception {
        try (KinesisAsyncClient plain = client("http", gateway.port(), Protocol.HTTP1_1);
                KinesisAsyncClient secured = client("https", gateway.tlsPort(), Protocol.HTTP1_1)) {
            assertThat(plain.listStreams().join().streamNames()).isEmpty();
            assertThat(secured.listStreams().join().streamNames()).isEmpty();
        }
    }

    @Test
    void upgradesFromHttp11AndNegotiatesByAlpn() throws Exception {
        try (HttpClient client = HttpClient.newBuilder().sslContext(trusting(identity)).build()) {
            // The first call asks for an upgrade.
            for (String endpoint :
                    List.of(
                            "http://127.0.0.1:" + gateway.port() + "/",
                            "https://127.0.0.1:" + gateway.tlsPort() + "/")) {
                HttpResponse<String> answer = get(client, endpoint);
                assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
                assertThat(answer.statusCode()).isEqualTo(403);
                assertThat(answer.headers().firstValue("x-amzn-requestid")).isPresent();
            }
        }
    }

    @Test
    void aNewCertificateIsUsedForNewConnections() throws Exception {
        TlsIdentity next = made();
        String endpoint = "https://127.0.0.1:" + gateway.tlsPort() + "/";
        try (HttpClient before = HttpClient.newBuilder().sslContext(trusting(identity)).build();
                HttpClient after = HttpClient.newBuilder().sslContext(trusting(next)).build()) {
            assertThat(get(before, endpoint).statusCode()).isEqualTo(403);
            assertThatThrownBy(() -> get(after, endpoint))
                    .isInstanceOf(SSLHandshakeException.class);

            gateway.identify(next);

            assertThat(get(after, endpoint).statusCode()).isEqualTo(403);
            // A connection that is open stays.
            assertThat(get(before, endpoint).statusCode()).isEqualTo(403);
        }
    }

    private static HttpResponse<String> get(HttpClient client, String endpoint) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(endpoint)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private KinesisAsyncClient client(String scheme, int port, Protocol protocol) throws Exception {
        TrustManager[] managers = managers(identity);
        return KinesisAsyncClient.builder()
                .endpointOverride(URI.create(scheme + "://127.0.0.1:" + port))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(
                                        KinesisApiContract.ACCESS_KEY, KinesisApiContract.SECRET)))
                .httpClientBuilder(
                        NettyNioAsyncHttpClient.builder()
                                .protocol(protocol)
                                .tlsTrustManagersProvider(() -> managers))
                .build();
    }

    private static TlsIdentity made() {
        return SelfSigned.of(List.of("127.0.0.1"), Instant.now(), new SecureRandom());
    }

    private static SSLContext trusting(TlsIdentity identity) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers(identity), null);
        return context;
    }

    private static TrustManager[] managers(TlsIdentity identity) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("gateway", identity.chain().getFirst());
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        return factory.getTrustManagers();
    }
}
