/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.fuzz;

import dev.millrace.broker.access.AccessKey;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A gateway as a process of its own, with the memory that it has in a pod. */
final class GatewayProcess implements AutoCloseable {

    /** What 448 MiB of a container leave, as the image says. */
    private static final List<String> MEMORY =
            List.of(
                    "-Xmx201m",
                    "-Xss512k",
                    "-XX:MaxDirectMemorySize=64m",
                    "-Djdk.nio.maxCachedBufferSize=1048576",
                    "-XX:+ExitOnOutOfMemoryError",
                    "-XX:+UseSerialGC");

    private final Process process;
    private final int port;
    private final int metricsPort;
    private final HttpClient http = HttpClient.newHttpClient();

    private GatewayProcess(Process process, int port, int metricsPort) {
        this.process = process;
        this.port = port;
        this.metricsPort = metricsPort;
    }

    static GatewayProcess start(Path directory, String bootstrapServers, AccessKey key)
            throws IOException {
        Path client = Files.createDirectories(directory.resolve("keys/clients/test"));
        Files.writeString(client.resolve("accessKeyId"), key.id());
        Files.writeString(client.resolve("secretAccessKey"), key.secret());
        int port = freePort();
        int metricsPort = freePort();
        List<String> command = new java.util.ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(MEMORY);
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.millrace.broker.Main",
                        "gateway"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MILLRACE_BOOTSTRAP_SERVERS", bootstrapServers);
        builder.environment().put("MILLRACE_ACCESS_KEYS_DIR", directory.resolve("keys").toString());
        builder.environment().put("MILLRACE_GATEWAY_PORT", String.valueOf(port));
        builder.environment().put("MILLRACE_METRICS_PORT", String.valueOf(metricsPort));
        builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        GatewayProcess started = new GatewayProcess(builder.start(), port, metricsPort);
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(200))
                .until(started::isReady);
        return started;
    }

    int port() {
        return port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The sum of a metric's values, whatever its labels beside the given text. */
    double metric(String name, String label) throws IOException, InterruptedException {
        double sum = 0;
        for (String line : get("/metrics").body().split("\n")) {
            boolean named = line.startsWith(name + " ") || line.startsWith(name + "{");
            if (named && line.contains(label)) {
                sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
            }
        }
        return sum;
    }

    private boolean isReady() {
        try {
            return get("/health/ready").statusCode() == 200;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + path))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws InterruptedException {
        http.close();
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
