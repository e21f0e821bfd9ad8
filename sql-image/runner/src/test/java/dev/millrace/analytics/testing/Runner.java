/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.testing;

import dev.millrace.analytics.AnalyticsMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The SQL runner as a process, as a pod runs it. */
public final class Runner implements AutoCloseable {

    private final JavaProcess process;

    /**
     * @param specification what the operator would write
     * @param directory where its settings and its log are kept
     */
    public Runner(String bootstrapServers, Trino trino, String specification, Path directory)
            throws IOException {
        this(bootstrapServers, trino, specification, directory, JavaProcess.STARTS_FAST);
    }

    /**
     * @param options the virtual machine's
     */
    public Runner(
            String bootstrapServers,
            Trino trino,
            String specification,
            Path directory,
            List<String> options)
            throws IOException {
        Path config = Files.createDirectories(directory).resolve("spec.json");
        Files.writeString(config, specification);
        this.process =
                new JavaProcess(
                        AnalyticsMain.class.getName(),
                        options,
                        List.of(),
                        Map.of(
                                "MILLRACE_ANALYTICS_CONFIG", config.toString(),
                                "MILLRACE_BOOTSTRAP_SERVERS", bootstrapServers,
                                "MILLRACE_TABLES_DIR", trino.tables().toString(),
                                "MILLRACE_METRICS_PORT", "0",
                                "TRINO_URL", trino.url().toString()),
                        directory.resolve("runner.log"));
    }

    public void start() {
        process.start();
    }

    /** kill -9. */
    public void kill() throws InterruptedException {
        process.kill();
    }

    public long pid() {
        return process.pid();
    }

    /** What it logged. */
    public String log() {
        return process.log();
    }

    @Override
    public void close() throws InterruptedException {
        process.close();
    }
}
