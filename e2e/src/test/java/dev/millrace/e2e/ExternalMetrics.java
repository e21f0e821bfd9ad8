/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * What an adapter for metrics is to an API server: {@code external.metrics.k8s.io}, with one
 * metric. Its value is the rate of a counter, between looks that are a few seconds apart.
 */
final class ExternalMetrics implements AutoCloseable {

    private static final String GROUP = "/apis/external.metrics.k8s.io/v1beta1";
    private static final String PASSWORD = "changeit";
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private final HttpsServer server;
    private final String metric;
    private final LongSupplier counter;

    // Guarded by this.
    private long lookedAt;
    private long seen;
    private double rate;

    private ExternalMetrics(HttpsServer server, String metric, LongSupplier counter) {
        this.server = server;
        this.metric = metric;
        this.counter = counter;
        this.lookedAt = System.nanoTime();
        this.seen = counter.getAsLong();
    }

    /** Serves on an address of this machine that pods and the API server reach. */
    static ExternalMetrics serve(
            String address, Path directory, String metric, LongSupplier counter) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(address, 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(selfSigned(directory)));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        ExternalMetrics metrics = new ExternalMetrics(server, metric, counter);
        server.createContext("/", metrics::answer);
        server.start();
        return metrics;
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals(GROUP)) {
            send(
                    exchange,
                    200,
                    """
                    {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "external.metrics.k8s.io/v1beta1",
                     "resources": [{"name": "%s", "singularName": "", "namespaced": true,
                                    "kind": "ExternalMetricValueList", "verbs": ["get"]}]}
                    """
                            .formatted(metric));
        } else if (path.startsWith(GROUP + "/namespaces/") && path.endsWith("/" + metric)) {
            send(
                    exchange,
                    200,
                    """
                    {"kind": "ExternalMetricValueList", "apiVersion": "external.metrics.k8s.io/v1beta1", "metadata": {},
                     "items": [{"metricName": "%s", "metricLabels": {}, "timestamp": "%s", "value": "%dm"}]}
                    """
                            .formatted(metric, Instant.now(), Math.round(1_000 * rate())));
        } else {
            send(exchange, 404, "{}");
        }
    }

    private synchronized double rate() {
        long now = System.nanoTime();
        if (now - lookedAt >= LOOK_EVERY.toNanos()) {
            long count = counter.getAsLong();
            rate = Math.max(0, count - seen) / ((now - lookedAt) / 1e9);
            seen = count;
            lookedAt = now;
        }
        return rate;
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static SSLContext selfSigned(Path directory) throws Exception {
        Path file = directory.resolve("adapter.p12");
        Process keytool =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                                .toString(),
                                        "-genkeypair",
                                        "-alias",
                                        "adapter",
                                        "-keyalg",
                                        "EC",
                                        "-dname",
                                        "CN=adapter",
                                        "-validity",
                                        "2",
                                        "-storetype",
                                        "PKCS12",
                                        "-keystore",
                                        file.toString(),
                                        "-storepass",
                                        PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IllegalStateException("No certificate for the adapter: " + output);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
