/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** A web server that answers as a test says. */
public final class Web implements AutoCloseable {

    /** What is answered. */
    public record Answer(int status, String contentType, String body) {
        public static Answer json(String body) {
            return new Answer(200, "application/json", body);
        }
    }

    /** Answers a request whose body was read. */
    @FunctionalInterface
    public interface Handler {
        Answer answer(HttpExchange exchange, byte[] body) throws IOException;
    }

    private final HttpServer server;

    public Web(Handler handler) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    Answer answer =
                            handler.answer(exchange, exchange.getRequestBody().readAllBytes());
                    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
                    exchange.sendResponseHeaders(answer.status(), body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/in");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
