/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks each worker at its pod's address. A call takes {@link #WITHIN} at most. */
final class HttpWorkerReports implements WorkerReports, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpWorkerReports.class);
    private static final Duration WITHIN = Duration.ofSeconds(2);
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(WITHIN)
                    .build();
    private final int port;

    HttpWorkerReports(int port) {
        this.port = port;
    }

    @Override
    public List<WorkerReport> of(List<Pod> pods) {
        return pods.stream()
                .filter(pod -> pod.getStatus() != null && pod.getStatus().getPodIP() != null)
                .map(this::ask)
                .toList()
                .stream()
                .flatMap(answer -> answered(answer).stream())
                .toList();
    }

    private CompletableFuture<HttpResponse<byte[]>> ask(Pod pod) {
        String address = pod.getStatus().getPodIP();
        String host = address.contains(":") ? "[" + address + "]" : address;
        return client.sendAsync(
                HttpRequest.newBuilder(URI.create("http://%s:%d/status".formatted(host, port)))
                        .timeout(WITHIN)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static Optional<WorkerReport> answered(CompletableFuture<HttpResponse<byte[]>> answer) {
        try {
            HttpResponse<byte[]> response = answer.get();
            return response.statusCode() == HttpURLConnection.HTTP_OK
                    ? Optional.of(WorkerReport.parse(JSON.readTree(response.body())))
                    : Optional.empty();
        } catch (ExecutionException | IOException e) {
            // A pod that starts or ends; the conditions say what is known without it.
            LOG.debug("A worker does not answer: {}", e.getMessage());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
