/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to all gateways. They are kept open, and given up when somebody else answers: a
 * connection that was made before the cluster's network was ready may lead anywhere, and would stay
 * for as long as it is used.
 */
final class ControlConnections implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ControlConnections.class);
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

    /** Every answer of a gateway has it. */
    private static final String REQUEST_ID = "x-amzn-RequestId";

    private final AtomicReference<HttpClient> client = new AtomicReference<>(newClient());

    /**
     * @throws IOException also if it was no gateway that answered
     */
    HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        HttpClient used = client.get();
        HttpResponse<byte[]> response = used.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.headers().firstValue(REQUEST_ID).isPresent()) {
            return response;
        }
        if (client.compareAndSet(used, newClient())) {
            log.warn("No gateway answers at {}: all connections are made anew", request.uri());
            // Calls in flight end by themselves; idle connections are closed.
            used.shutdown();
        }
        throw new IOException("%d, and not from a gateway".formatted(response.statusCode()));
    }

    private static HttpClient newClient() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_WITHIN)
                .build();
    }

    @Override
    public void close() throws InterruptedException {
        HttpClient last = client.get();
        last.shutdown();
        if (!last.awaitTermination(CLOSE_WITHIN)) {
            last.shutdownNow();
        }
    }
}
