/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.workload.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class StatusServerTest {

    private static final class Pod implements PodStatus {
        private volatile boolean ready;

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public String json() {
            return "{\"ready\":" + ready + "}";
        }
    }

    private final Pod pod = new Pod();

    @Test
    void tellsWhetherThePodIsReady() throws IOException, InterruptedException {
        try (StatusServer server = StatusServer.start(0, pod, () -> "up 1\n")) {
            assertThat(get(server, "/health/ready").statusCode()).isEqualTo(503);
            assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
            pod.ready = true;
            assertThat(get(server, "/health/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void givesMetricsAndStatus() throws IOException, InterruptedException {
        try (StatusServer server = StatusServer.start(0, pod, () -> "up 1\n")) {
            HttpResponse<String> metrics = get(server, "/metrics");
            assertThat(metrics.body()).isEqualTo("up 1\n");
            assertThat(metrics.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version"));
            assertThat(get(server, "/status").body()).isEqualTo("{\"ready\":false}");
        }
    }

    private static HttpResponse<String> get(StatusServer server, String path)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
