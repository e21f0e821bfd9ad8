/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.time.Duration;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP server in front of an {@link ApiHandler}. {@link #close} takes no new connection, lets
 * requests in flight finish, then closes.
 */
public final class ApiServer implements AutoCloseable {

    private static final int HEADER_BYTES_MAX = 32 * 1024;
    private static final int THREADS_MAX = 32;

    private final Server server;
    private final ServerConnector connector;

    /**
     * @param connectionsMax connections beyond this wait until others are closed
     * @param idleTimeout how long a connection may be silent
     * @param drainTimeout how long requests in flight may take when the server is closed
     */
    public record Settings(
            String host,
            int port,
            int connectionsMax,
            Duration idleTimeout,
            Duration drainTimeout) {

        public static Settings of(String host, int port) {
            return new Settings(host, port, 10_000, Duration.ofMinutes(2), Duration.ofSeconds(10));
        }
    }

    public ApiServer(Settings settings, ApiHandler handler) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS_MAX, 4);
        threads.setName("http");
        threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
        this.server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(HEADER_BYTES_MAX);
        http.setUriCompliance(UriCompliance.UNSAFE);
        http.setOutputBufferSize(64 * 1024);
        this.connector = new ServerConnector(server, 1, 2, new HttpConnectionFactory(http));
        connector.setHost(settings.host());
        connector.setPort(settings.port());
        connector.setAcceptedTcpNoDelay(true);
        connector.setAcceptQueueSize(1024);
        connector.setIdleTimeout(settings.idleTimeout().toMillis());
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(settings.connectionsMax(), server));
        server.setStopTimeout(settings.drainTimeout().toMillis());
        server.setHandler(new GracefulHandler(handler));
    }

    /** Listens from now on. */
    public void start() {
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException(
                    "Cannot listen on " + connector.getHost() + ":" + connector.getPort(), e);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot stop", e);
        }
    }
}
