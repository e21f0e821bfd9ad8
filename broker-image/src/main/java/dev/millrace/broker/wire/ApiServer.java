/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import dev.millrace.broker.tls.TlsIdentity;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server in front of an {@link ApiHandler}: HTTP/1.1 and HTTP/2, without TLS on one port
 * (HTTP/2 at once or by upgrade), with TLS on another (by ALPN) as soon as there is an identity.
 * {@link #close} takes no new connection, lets requests in flight finish, then closes.
 */
public final class ApiServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ApiServer.class);

    private static final int HEADER_BYTES_MAX = 32 * 1024;
    private static final int THREADS_MAX = 32;
    private static final int INPUT_BUFFER_BYTES = 64 * 1024;

    private static final Duration SWEEP_EVERY = Duration.ofMillis(500);

    private final Settings settings;
    private final ApiHandler handler;
    private final OpenConnections connections;
    private final NetworkConnectionLimit limit;
    private final ScheduledExecutorService sweeper =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("http-sweeper").daemon().factory());
    private final Server server;
    private final ServerConnector plain;
    private final ReentrantLock lock = new ReentrantLock();
    // Both are guarded by lock; null until there is an identity.
    private @Nullable ServerConnector secured;
    private SslContextFactory.@Nullable Server tls;

    /**
     * @param tlsPort where TLS is spoken once there is an identity; nowhere if it is missing
     * @param connectionsMax connections beyond this wait until others are closed; idle ones are
     *     closed before that
     * @param idleTimeout how long a connection or stream may be silent
     * @param drainTimeout how long requests in flight may take when the server is closed
     */
    public record Settings(
            String host,
            int port,
            OptionalInt tlsPort,
            int connectionsMax,
            Duration idleTimeout,
            Duration drainTimeout) {

        public static Settings of(String host, int port) {
            return new Settings(
                    host,
                    port,
                    OptionalInt.empty(),
                    10_000,
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(10));
        }

        public Settings withTlsPort(int newTlsPort) {
            return new Settings(
                    host,
                    port,
                    OptionalInt.of(newTlsPort),
                    connectionsMax,
                    idleTimeout,
                    drainTimeout);
        }
    }

    public ApiServer(Settings settings, ApiHandler handler) {
        this.settings = settings;
        this.handler = handler;
        this.connections = new OpenConnections(settings.connectionsMax());
        QueuedThreadPool threads = new QueuedThreadPool(THREADS_MAX, 4);
        threads.setName("http");
        threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
        this.server = new Server(threads);
        HttpConfiguration http = http();
        this.plain =
                connector(settings.port(), http1(http), new HTTP2CServerConnectionFactory(http));
        server.addConnector(plain);
        this.limit = new NetworkConnectionLimit(settings.connectionsMax(), server);
        server.addBean(limit);
        server.setStopTimeout(settings.drainTimeout().toMillis());
        server.setHandler(new GracefulHandler(handler));
    }

    /** Listens from now on. */
    @SuppressWarnings("FutureReturnValueIgnored") // sweep() lets nothing through
    public void start() {
        try {
            server.start();
        } catch (Exception e) {
            throw cannotListen(settings.port(), e);
        }
        sweeper.scheduleWithFixedDelay(
                this::sweep, SWEEP_EVERY.toMillis(), SWEEP_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        try {
            long now = System.nanoTime();
            handler.sweep(now);
            connections.sweep(now);
        } catch (RuntimeException e) {
            log.warn("Connections could not be looked at this time", e);
        }
    }

    /** How many connections are open. */
    public int connections() {
        return limit.getNetworkConnectionCount();
    }

    /** How many connections were closed because others need their place, or for being slow. */
    public long connectionsShed() {
        return connections.shed();
    }

    /**
     * Speaks TLS with this identity from now on. Connections that are open keep the one that they
     * began with.
     */
    public void identify(TlsIdentity identity) {
        lock.lock();
        try {
            if (tls != null) {
                tls.reload(factory -> factory.setKeyStore(identity.keyStore()));
                return;
            }
            SslContextFactory.Server factory = new SslContextFactory.Server();
            factory.setKeyStore(identity.keyStore());
            factory.setKeyStorePassword("");
            factory.setSniRequired(false);
            secured = startSecured(factory);
            tls = factory;
        } catch (Exception e) {
            throw cannotListen(settings.tlsPort().orElse(-1), e);
        } finally {
            lock.unlock();
        }
    }

    /** The port that it listens on without TLS. */
    public int port() {
        return plain.getLocalPort();
    }

    /** The port that it listens on with TLS, if it does. */
    public OptionalInt tlsPort() {
        lock.lock();
        try {
            return secured == null ? OptionalInt.empty() : OptionalInt.of(secured.getLocalPort());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot stop", e);
        }
    }

    private ServerConnector startSecured(SslContextFactory.Server factory) throws Exception {
        HttpConfiguration http = http();
        SecureRequestCustomizer customizer = new SecureRequestCustomizer();
        // Clients may come by an address or by a Service's name that no certificate knows; whether
        // they accept that is theirs to say.
        customizer.setSniHostCheck(false);
        http.addCustomizer(customizer);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2", "http/1.1");
        alpn.setDefaultProtocol(HttpVersion.HTTP_1_1.asString());
        ServerConnector connector =
                connector(
                        settings.tlsPort().orElseThrow(),
                        new SslConnectionFactory(factory, alpn.getProtocol()),
                        alpn,
                        new HTTP2ServerConnectionFactory(http),
                        http1(http),
                        // The AWS SDK for Java begins with HTTP/2 without having asked for it.
                        new HTTP2CServerConnectionFactory(http));
        server.addConnector(connector);
        connector.start();
        return connector;
    }

    private ServerConnector connector(int port, ConnectionFactory... factories) {
        ServerConnector connector = new ServerConnector(server, 1, 2, factories);
        connector.setHost(settings.host());
        connector.setPort(port);
        connector.setAcceptedTcpNoDelay(true);
        connector.setAcceptQueueSize(1024);
        connector.setIdleTimeout(settings.idleTimeout().toMillis());
        connector.addBean(connections);
        return connector;
    }

    /** Bodies come in fewer, larger reads: a batch of puts has some 700 KiB. */
    private static HttpConnectionFactory http1(HttpConfiguration http) {
        HttpConnectionFactory factory = new HttpConnectionFactory(http);
        factory.setInputBufferSize(INPUT_BUFFER_BYTES);
        return factory;
    }

    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(HEADER_BYTES_MAX);
        http.setUriCompliance(UriCompliance.UNSAFE);
        http.setOutputBufferSize(64 * 1024);
        return http;
    }

    private IllegalStateException cannotListen(int port, Exception cause) {
        return new IllegalStateException("Cannot listen on " + settings.host() + ":" + port, cause);
    }
}
