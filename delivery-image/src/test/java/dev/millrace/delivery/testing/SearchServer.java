/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** OpenSearch as a process of its own, one for all tests of a run. */
public final class SearchServer implements AutoCloseable {

    /** Gives tests the server as a parameter. */
    public static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == SearchServer.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(Namespace.create(SearchServer.class))
                    .computeIfAbsent(SearchServer.class, _ -> start(), SearchServer.class);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final URI endpoint;
    private final HttpClient client = HttpClient.newHttpClient();

    private SearchServer(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    private static SearchServer start() {
        try {
            int port;
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            Path module = Path.of("..", "test-servers", "search", "target");
            String classpath =
                    module.resolve("classes") + ":" + Files.readString(module.resolve("classpath"));
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx400m",
                                    "-XX:+UseSerialGC",
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    classpath.strip(),
                                    "dev.millrace.testservers.search.SearchServer",
                                    Files.createTempDirectory("search").toString(),
                                    String.valueOf(port))
                            .redirectErrorStream(true)
                            .start();
            List<String> lines = new ArrayList<>();
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (line.equals("started")) {
                    Thread.ofVirtual().start(() -> out.lines().forEach(_ -> {}));
                    return new SearchServer(process, URI.create("http://127.0.0.1:" + port));
                }
            }
            throw new IllegalStateException("No search server:\n" + String.join("\n", lines));
        } catch (IOException e) {
            throw new IllegalStateException("No search server", e);
        }
    }

    public URI endpoint() {
        return endpoint;
    }

    /** The documents of an index, with their ids and all. */
    public List<JsonNode> documents(String index) throws IOException, InterruptedException {
        ask("POST", "/" + index + "/_refresh", "");
        JsonNode found =
                ask("GET", "/" + index + "/_search?size=10000&ignore_unavailable=true", "");
        List<JsonNode> documents = new ArrayList<>();
        found.path("hits").path("hits").forEach(documents::add);
        return documents;
    }

    public JsonNode ask(String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(endpoint.resolve(path))
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return JSON.readTree(client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
    }

    @Override
    public void close() throws InterruptedException {
        client.close();
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }
}
