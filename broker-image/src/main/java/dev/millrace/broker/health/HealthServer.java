/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Answers {@code /health/live}, {@code /health/ready} and {@code /metrics}, apart from the traffic
 * so that a full gateway still answers them.
 */
public final class HealthServer implements AutoCloseable {

    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String TEXT_TYPE = "text/plain; charset=utf-8";

    private final HttpServer server;

    private HealthServer(HttpServer server) {
        this.server = server;
    }

    /**
     * Starts to answer.
     *
     * @param ready whether traffic may come
     * @param metrics the metrics in Prometheus's text form
     */
    public static HealthServer start(int port, BooleanSupplier ready, Supplier<String> metrics) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/health/live", exchange -> answer(exchange, 200, "live\n"));
            server.createContext(
                    "/health/ready",
                    exchange -> {
                        if (ready.getAsBoolean()) {
                            answer(exchange, 200, "ready\n");
                        } else {
                            answer(exchange, 503, "not ready\n");
                        }
                    });
            server.createContext(
                    "/metrics",
                    exchange -> {
                        exchange.getResponseHeaders().set("Content-Type", METRICS_TYPE);
                        answer(exchange, 200, metrics.get());
                    });
            server.start();
            return new HealthServer(server);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot answer health checks on port " + port, e);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().putIfAbsent("Content-Type", List.of(TEXT_TYPE));
        exchange.sendResponseHeaders(status, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
