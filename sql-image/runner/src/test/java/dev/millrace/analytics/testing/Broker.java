/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.testing;

import dev.millrace.broker.Main;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** Kafka and the gateway as a process that keeps its data, and its addresses, when it is killed. */
public final class Broker implements AutoCloseable {

    private static final String READY = "Millrace is ready";

    private final JavaProcess process;
    private final int port = JavaProcess.freePort();
    private final int kafkaPort = JavaProcess.freePort();
    private int starts;

    public Broker(Path directory) {
        this.process =
                new JavaProcess(
                        Main.class.getName(),
                        JavaProcess.STARTS_FAST,
                        List.of(
                                "standalone",
                                "--data",
                                directory.resolve("data").toString(),
                                "--port",
                                Integer.toString(port),
                                "--kafka-port",
                                Integer.toString(kafkaPort)),
                        Map.of(),
                        directory.resolve("broker.log"));
    }

    /** Returns when it answers. */
    public void start() {
        process.start();
        starts++;
        Awaitility.await("the broker")
                .atMost(Duration.ofMinutes(4))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new AssertionError(process.log());
                    }
                    return process.log().split(READY, -1).length > starts && isListening();
                });
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (java.io.IOException _) {
            return false;
        }
    }

    /** kill -9. */
    public void kill() throws InterruptedException {
        process.kill();
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + kafkaPort;
    }

    @Override
    public void close() throws InterruptedException {
        process.close();
    }
}
