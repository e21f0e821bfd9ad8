/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.workload.status;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers {@code /health/live}, {@code /health/ready}, {@code /metrics} and {@code /status}. */
public final class StatusServer implements AutoCloseable {

    private final HttpServer server;

    private StatusServer(HttpServer server) {
        this.server = server;
    }

    /**
     * Starts to answer.
     *
     * @param metrics in Prometheus's text form
     */
    public static StatusServer start(int port, PodStatus status, Supplier<String> metrics) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext(
                    "/health/live", exchange -> answer(exchange, 200, "text/plain", "live\n"));
            server.createContext(
                    "/health/ready",
                    exchange -> {
                        boolean ready = status.isReady();
                        answer(
                                exchange,
                                ready ? 200 : 503,
                                "text/plain",
                                ready ? "ready\n" : "not ready\n");
                    });
            server.createContext(
                    "/metrics",
                    exchange ->
                            answer(
                                    exchange,
                                    200,
                                    "text/plain; version=0.0.4; charset=utf-8",
                                    metrics.get()));
            server.createContext(
                    "/status",
                    exchange -> answer(exchange, 200, "application/json", status.json()));
            server.start();
            return new StatusServer(server);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot answer on port " + port, e);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
