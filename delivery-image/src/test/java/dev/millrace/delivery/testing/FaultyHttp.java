/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a web server and lets it fail as servers do. Reading is never disturbed. */
public final class FaultyHttp implements AutoCloseable {

    /** What becomes of a request that writes. */
    public sealed interface Fault {
        /** The server answers. */
        record None() implements Fault {}

        /** The server is not asked; this is answered. */
        record Answers(int status, String contentType, String body) implements Fault {}

        /** The server is not asked, and nothing is answered until this fault ends. */
        record Hangs() implements Fault {}

        /** The answer begins, and its body does not come until this fault ends. */
        record HangsInTheAnswer() implements Fault {}

        /** The connection is closed; the server is not asked. */
        record Closes() implements Fault {}

        /** The server has done it, and nobody hears of it, for some requests. */
        record LosesAnswers(AtomicInteger left) implements Fault {}

        /** The server is asked later. */
        record Slow(Duration by) implements Fault {}
    }

    private static final Set<String> NOT_PASSED_ON =
            Set.of(
                    "connection",
                    "content-length",
                    "date",
                    "expect",
                    "host",
                    "transfer-encoding",
                    "upgrade");

    private final HttpServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI behind;
    private volatile Fault fault = new Fault.None();
    private volatile CountDownLatch ended = new CountDownLatch(0);

    public FaultyHttp(URI behind) throws IOException {
        this.behind = behind;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Ends the fault that there is and begins another one. */
    public void set(Fault next) {
        CountDownLatch before = ended;
        ended = new CountDownLatch(1);
        fault = next;
        before.countDown();
    }

    public void mend() {
        set(new Fault.None());
    }

    private void handle(HttpExchange exchange) throws IOException {
        CountDownLatch end = ended;
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean writes = Set.of("PUT", "POST").contains(exchange.getRequestMethod());
        try (exchange) {
            switch (writes ? fault : new Fault.None()) {
                case Fault.None _ -> passOn(exchange, body);
                case Fault.Answers(int status, String type, String text) ->
                        answer(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
                case Fault.Hangs _ -> end.await();
                case Fault.HangsInTheAnswer _ -> {
                    exchange.sendResponseHeaders(200, 100);
                    exchange.getResponseBody().write('{');
                    exchange.getResponseBody().flush();
                    end.await();
                }
                case Fault.Closes _ -> {
                    // Nothing is answered.
                }
                case Fault.LosesAnswers(AtomicInteger left) -> {
                    if (left.getAndDecrement() > 0) {
                        ask(exchange, body);
                    } else {
                        passOn(exchange, body);
                    }
                }
                case Fault.Slow(Duration by) -> {
                    Thread.sleep(by);
                    passOn(exchange, body);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void passOn(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = ask(exchange, body);
        answer.headers()
                .map()
                .forEach((name, values) -> {
                    if (isPassedOn(name)) {
                        exchange.getResponseHeaders().put(name, values);
                    }
                });
        if (exchange.getRequestMethod().equals("HEAD")) {
            answer.headers()
                    .firstValue("Content-Length")
                    .ifPresent(
                            length -> exchange.getResponseHeaders().set("Content-Length", length));
        }
        boolean empty = answer.body().length == 0;
        exchange.sendResponseHeaders(answer.statusCode(), empty ? -1 : answer.body().length);
        if (!empty) {
            exchange.getResponseBody().write(answer.body());
        }
    }

    private HttpResponse<byte[]> ask(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(behind.resolve(exchange.getRequestURI()))
                        .method(
                                exchange.getRequestMethod(),
                                HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders()
                .forEach((String name, List<String> values) -> {
                    if (isPassedOn(name)) {
                        values.forEach(value -> request.header(name, value));
                    }
                });
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static boolean isPassedOn(String header) {
        return !NOT_PASSED_ON.contains(header.toLowerCase(Locale.ROOT));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        mend();
        server.stop(0);
        client.shutdownNow();
    }
}
