/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A delivery worker as a process of its own. */
public final class Worker implements AutoCloseable {

    /** What the image starts a worker with. */
    private static final String IMAGE_OPTIONS =
            "@" + Path.of("src", "main", "jib", "app", "jvm.options");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern STATUS = Pattern.compile("status on port (\\d+)");

    private final Process process;
    private final Path log;

    private Worker(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * @param arguments of the halting worker; none for one that lives
     */
    public static Worker start(Path directory, Pool pool, String config, String... arguments)
            throws IOException {
        List<String> archive =
                WorkerClasses.options(
                        pool, (more, training) -> startSmall(directory, pool, training, more));
        return startSmall(directory, pool, config, archive, arguments);
    }

    private static Worker startSmall(
            Path directory, Pool pool, String config, List<String> more, String... arguments)
            throws IOException {
        List<String> jvm = new ArrayList<>(more);
        jvm.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        return start(
                directory,
                pool,
                config,
                jvm,
                WorkerClasses.classPath(),
                "dev.millrace.delivery.HaltingWorker",
                arguments);
    }

    /**
     * A worker with the flags of its image, and more heap than it needs.
     *
     * @param other another class to be started, and its arguments; none for the worker
     */
    public static Worker startFast(Path directory, Pool pool, String config, String... other)
            throws IOException {
        List<String> jvm = List.of(IMAGE_OPTIONS, "-Xmx512m");
        return other.length == 0
                ? start(
                        directory,
                        pool,
                        config,
                        jvm,
                        System.getProperty("java.class.path"),
                        "dev.millrace.delivery.HaltingWorker")
                : start(
                        directory,
                        pool,
                        config,
                        jvm,
                        System.getProperty("java.class.path"),
                        other[0],
                        Arrays.copyOfRange(other, 1, other.length));
    }

    /** A worker with the flags of its image, in a pod of 512 MiB. */
    public static Worker startAsInPod(Path directory, Pool pool, String config) throws IOException {
        return start(
                directory,
                pool,
                config,
                List.of(IMAGE_OPTIONS, "-Xmx307m"),
                System.getProperty("java.class.path"),
                "dev.millrace.delivery.HaltingWorker");
    }

    private static Worker start(
            Path directory,
            Pool pool,
            String config,
            List<String> jvm,
            String classPath,
            String mainClass,
            String... arguments)
            throws IOException {
        secret(directory, "s3", "accessKeyId", "key");
        secret(directory, "s3", "secretAccessKey", "secret");
        Path file = Files.createTempFile(directory, "spec", ".json");
        Files.writeString(file, config);
        Path log = Files.createTempFile(directory, "worker", ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(
                List.of(
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + Files.createDirectories(temporaryFiles(directory)),
                        "-cp",
                        classPath,
                        mainClass));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment()
                .putAll(
                        Map.of(
                                "MILLRACE_BOOTSTRAP_SERVERS", pool.bootstrapServers(),
                                "MILLRACE_DELIVERY_CONFIG", file.toString(),
                                "MILLRACE_DELIVERY_SECRETS",
                                        directory.resolve("secrets").toString(),
                                "MILLRACE_ENCRYPTION_KEYS_DIR",
                                        directory.resolve("encryption-keys").toString(),
                                "MALLOC_ARENA_MAX", "2",
                                "MILLRACE_METRICS_PORT", "0",
                                "MILLRACE_SESSION_TIMEOUT_MS", "6000"));
        return new Worker(builder.start(), log);
    }

    /** Gives workers of the directory a key of a Secret. */
    public static void secret(Path directory, String name, String key, String value)
            throws IOException {
        Path secret = Files.createDirectories(directory.resolve("secrets").resolve(name));
        Files.writeString(secret.resolve(key), value);
    }

    /** Where workers of a directory put their temporary files. */
    public static Path temporaryFiles(Path directory) {
        return directory.resolve("tmp");
    }

    /** How much CPU time it has taken so far. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** What it says of itself; nothing while it starts. */
    public Optional<JsonNode> status() throws IOException, InterruptedException {
        Matcher port = STATUS.matcher(log());
        if (!port.find()) {
            return Optional.empty();
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI url = URI.create("http://127.0.0.1:" + port.group(1) + "/status");
            return Optional.of(
                    JSON.readTree(
                            client.send(
                                            HttpRequest.newBuilder(url)
                                                    .timeout(Duration.ofSeconds(10))
                                                    .build(),
                                            HttpResponse.BodyHandlers.ofByteArray())
                                    .body()));
        }
    }

    /** How much memory it has, of all kinds. */
    public long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("Nothing is known of process " + process.pid());
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it has died by itself. */
    public void awaitDeath() throws Exception {
        assertThat(hasEnded(180, TimeUnit.SECONDS)).as("it dies\n%s", log()).isTrue();
        assertThat(process.exitValue()).as(log()).isEqualTo(137);
    }

    boolean hasEnded(long atMost, TimeUnit unit) throws InterruptedException {
        return process.waitFor(atMost, unit);
    }

    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(30, TimeUnit.SECONDS);
    }

    /** Sends a signal by its name. */
    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    }

    public String log() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
