/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.packaged;

import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.ConfigBuilder;
import io.fabric8.kubernetes.api.model.NamedAuthInfoBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged operator in a process of its own, signed in as the chart's ServiceAccount. */
final class RunningOperator implements AutoCloseable {

    /** Those of the image (operator/pom.xml). */
    private static final List<String> JVM =
            List.of(
                    "-XX:+UseSerialGC",
                    "-Xmx115m",
                    "-XX:MaxMetaspaceSize=96m",
                    "-XX:ReservedCodeCacheSize=48m",
                    "-XX:TieredStopAtLevel=1",
                    "-Xss512k",
                    "-XX:+ExitOnOutOfMemoryError",
                    "-XX:-UsePerfData",
                    "--sun-misc-unsafe-memory-access=allow",
                    "--enable-native-access=ALL-UNNAMED");

    private static final Duration TOKEN_LIVES = Duration.ofHours(1);
    private static final int STOPS_WITHIN_SECONDS = 30;

    private final Process process;
    private final int port;
    private final Path log;
    private final HttpClient http = HttpClient.newHttpClient();

    private RunningOperator(Process process, int port, Path log) {
        this.process = process;
        this.port = port;
        this.log = log;
    }

    static RunningOperator start(Path directory, String name, Map<String, String> environment)
            throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path log = directory.resolve(name + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.add("-jar");
        command.add("target/quarkus-app/quarkus-run.jar");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("POD_NAME", name);
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        return new RunningOperator(builder.start(), port, log);
    }

    /** The administrator's kubeconfig with the account's token in the place of his own. */
    static Path signIn(KubernetesClient admin, Path adminsKubeconfig, Path directory)
            throws IOException {
        String token =
                admin.serviceAccounts()
                        .inNamespace(Chart.NAMESPACE)
                        .withName(Chart.NAME)
                        .tokenRequest(
                                new TokenRequestBuilder()
                                        .withNewSpec()
                                        .withExpirationSeconds(TOKEN_LIVES.toSeconds())
                                        .endSpec()
                                        .build())
                        .getStatus()
                        .getToken();
        Config config = Serialization.unmarshal(Files.readString(adminsKubeconfig), Config.class);
        Config signedIn =
                new ConfigBuilder(config)
                        .withUsers(
                                new NamedAuthInfoBuilder()
                                        .withName(
                                                config.getContexts()
                                                        .getFirst()
                                                        .getContext()
                                                        .getUser())
                                        .withNewUser()
                                        .withToken(token)
                                        .endUser()
                                        .build())
                        .build();
        Path kubeconfig = directory.resolve("kubeconfig");
        Files.writeString(kubeconfig, Serialization.asYaml(signedIn));
        return kubeconfig;
    }

    boolean isReady() {
        return status("/q/health/ready") == 200;
    }

    boolean isLive() {
        return process.isAlive() && status("/q/health/live") == 200;
    }

    String metrics() throws IOException, InterruptedException {
        return http.send(request("/q/metrics"), HttpResponse.BodyHandlers.ofString()).body();
    }

    /** What it holds of the machine's memory, in bytes. */
    long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** As a node that dies: nothing is released. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOPS_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        http.close();
    }

    private int status(String path) {
        try {
            return http.send(request(path), HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(5))
                .build();
    }
}
