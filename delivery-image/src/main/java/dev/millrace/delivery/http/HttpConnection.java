/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.http;

import dev.millrace.delivery.batch.DeliveryException;
import dev.millrace.delivery.secret.MountedSecret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;

/** Posts to servers. Safe to use from any thread. */
public final class HttpConnection implements AutoCloseable {

    private static final String CA = "ca.crt";

    /** What a server answered. */
    public record Answer(int status, String contentType, byte[] body) {}

    private final HttpClient client;
    private final String codes;
    private final Duration timeout;
    private final int answerBytesMax;

    /**
     * @param codes what Firehose's codes begin with, such as {@code HttpEndpoint}
     * @param ca a Secret with {@code ca.crt}; without it the JVM's are trusted
     * @param timeout until a whole answer is there
     * @param answerBytesMax an answer that is longer is an error
     * @throws IllegalArgumentException if there is no certificate in the Secret
     */
    public HttpConnection(
            String codes, Optional<MountedSecret> ca, Duration timeout, int answerBytesMax) {
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5))
                        .followRedirects(HttpClient.Redirect.NEVER);
        ca.ifPresent(secret -> builder.sslContext(trusting(secret)));
        this.client = builder.build();
        this.codes = codes;
        this.timeout = timeout;
        this.answerBytesMax = answerBytesMax;
    }

    /**
     * Posts a body and reads the answer, whatever its status.
     *
     * @throws DeliveryException if there is none
     */
    public Answer post(URI url, Map<String, String> headers, byte[] body) throws DeliveryException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        try {
            HttpResponse<byte[]> response =
                    WholeAnswer.to(request.build(), client, timeout, answerBytesMax);
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body());
        } catch (WholeAnswer.TooLarge e) {
            throw new DeliveryException(codes + ".ResponseTooLarge", url + " " + e.getMessage(), e);
        } catch (HttpTimeoutException e) {
            throw new DeliveryException(codes + ".RequestTimeout", url + ": " + e, e);
        } catch (SSLHandshakeException e) {
            throw new DeliveryException(codes + ".SSLHandshakeFailure", url + ": " + e, e);
        } catch (IOException e) {
            throw new DeliveryException(codes + ".ConnectionFailed", url + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeliveryException(codes + ".ConnectionFailed", "stopped", e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private static SSLContext trusting(MountedSecret secret) {
        try (InputStream in = Files.newInputStream(secret.file(CA))) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + count++, certificate);
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "Secret %s has no certificates in %s: %s"
                            .formatted(secret.directory().getFileName(), CA, e),
                    e);
        }
    }
}
