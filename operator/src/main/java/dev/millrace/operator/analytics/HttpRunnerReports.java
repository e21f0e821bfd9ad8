/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the runner at its pod's address. A call takes two seconds at most. */
final class HttpRunnerReports implements RunnerReports, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpRunnerReports.class);
    private static final Duration WITHIN = Duration.ofSeconds(2);
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(WITHIN)
                    .build();

    @Override
    public Optional<RunnerReport> of(Pod pod) {
        String address = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
        if (address == null) {
            return Optional.empty();
        }
        String host = address.contains(":") ? "[" + address + "]" : address;
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://%s:%d/status"
                                                .formatted(host, AnalyticsObjects.PORT)))
                        .timeout(WITHIN)
                        .build();
        try {
            HttpResponse<byte[]> response =
                    client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return response.statusCode() == HttpURLConnection.HTTP_OK
                    ? Optional.of(RunnerReport.parse(JSON.readTree(response.body())))
                    : Optional.empty();
        } catch (IOException e) {
            // A pod that starts or ends; the conditions say what is known without it.
            LOG.debug("A runner does not answer: {}", e.getMessage());
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
