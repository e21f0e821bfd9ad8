/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench.sql;

import dev.millrace.analytics.testing.Runner;
import dev.millrace.analytics.testing.Trino;
import dev.millrace.bench.CpuTime;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Trino and the runners of applications, as processes with a pod's settings. */
final class Pod implements AutoCloseable {

    /** As in the image, with 60 % of a container of 384 MiB. */
    private static final List<String> RUNNER =
            List.of("-XX:+UseSerialGC", "-Xmx230m", "-XX:ReservedCodeCacheSize=64m");

    private final String bootstrapServers;
    private final Trino trino;
    private final Path directory;

    /** One application. */
    record Application(Runner runner, Trino trino) implements AutoCloseable {

        private static final Pattern PORT = Pattern.compile("status on port (\\d+)");

        /** Returns when its SQL is checked and it begins to read. */
        void awaitRunning() throws IOException, InterruptedException {
            long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
            try (HttpClient http = HttpClient.newHttpClient()) {
                while (!isRunning(http)) {
                    if (System.nanoTime() > end) {
                        throw new IllegalStateException("It does not run: " + runner.log());
                    }
                    Thread.sleep(20);
                }
            }
        }

        private boolean isRunning(HttpClient http) throws IOException, InterruptedException {
            Matcher port = PORT.matcher(runner.log());
            if (!port.find()) {
                return false;
            }
            URI status = URI.create("http://127.0.0.1:" + port.group(1) + "/status");
            String state =
                    http.send(
                                    HttpRequest.newBuilder(status).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
            if (state.contains("\"valid\":false")) {
                throw new IllegalStateException(state);
            }
            return state.contains("RUNNING");
        }

        /** Of both processes since they began. */
        double cpuSeconds() {
            return CpuTime.seconds(runner.pid()) + CpuTime.seconds(trino.pid());
        }

        double runnerCpuSeconds() {
            return CpuTime.seconds(runner.pid());
        }

        @Override
        public void close() throws InterruptedException {
            runner.close();
        }
    }

    Pod(String bootstrapServers) throws IOException {
        this.bootstrapServers = bootstrapServers;
        this.trino = Trino.startAsInAPod(bootstrapServers);
        this.directory = Files.createTempDirectory("millrace-bench");
    }

    Trino trino() {
        return trino;
    }

    /**
     * Starts an application.
     *
     * @param inputs and outputs as the operator would write them, JSON
     */
    Application start(String name, String sql, String inputs, String outputs) throws IOException {
        String specification =
                """
                {"name": "%1$s", "uid": "%1$s", "code": "%2$s",
                 "spec": {"startingPosition": "TRIM_HORIZON", "historySeconds": 100000, "inputs": [%3$s], "outputs": [%4$s]}}
                """
                        .formatted(
                                name,
                                sql.replace("\"", "\\\"").replace("\n", "\\n"),
                                inputs,
                                outputs);
        Runner runner =
                new Runner(bootstrapServers, trino, specification, directory.resolve(name), RUNNER);
        runner.start();
        return new Application(runner, trino);
    }

    /**
     * Lets Trino run on some processors only.
     *
     * @param processors as taskset takes them
     */
    void pinTo(String processors) throws IOException, InterruptedException {
        Process taskset =
                new ProcessBuilder("taskset", "-acp", processors, Long.toString(trino.pid()))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        if (taskset.waitFor() != 0) {
            throw new IllegalStateException("taskset failed");
        }
    }

    @Override
    public void close() {
        trino.close();
    }
}
