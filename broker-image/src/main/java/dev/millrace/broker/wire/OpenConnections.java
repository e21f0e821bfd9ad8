/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.NegotiatingServerConnection;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at all connections now and then, and closes those that only take the place of others: ones
 * that began a request and do not get on with it, whatever they drip; and while there are nearly as
 * many as there may be, ones between two requests, longest idle first. A connection with a request
 * under way is left alone.
 *
 * <p>{@link #sweep} is called by one thread; connections come and go on others.
 */
final class OpenConnections implements Connection.Listener {

    private static final Logger log = LoggerFactory.getLogger(OpenConnections.class);

    /** How long the head of a request, or a handshake, may take. */
    static final Duration HEAD_WITHIN = Duration.ofSeconds(15);

    /** A client that just got its answer may have its next request on the way. */
    private static final Duration IDLE_MIN = Duration.ofSeconds(2);

    private static final Duration LOG_EVERY = Duration.ofSeconds(30);

    private final Map<Connection, Seen> connections = new ConcurrentHashMap<>();
    private final AtomicLong shed = new AtomicLong();
    private final int crowdedAt;
    private final int max;
    private long loggedAtNanos = System.nanoTime() - LOG_EVERY.toNanos();

    /**
     * @param max how many connections there may be; above nine tenths of it idle ones are closed
     */
    OpenConnections(int max) {
        this.max = max;
        this.crowdedAt = max - max / 10;
    }

    /** What the last looks at a connection found. Only the sweeping thread touches it. */
    private static final class Seen {
        private long messages;
        private long bytes;
        private long idleSinceNanos;
        private boolean busy;

        Seen(long nowNanos) {
            this.idleSinceNanos = nowNanos;
        }
    }

    @Override
    public void onOpened(Connection connection) {
        // TLS has a connection of its own around the one that speaks HTTP.
        if (counts(connection)) {
            connections.put(connection, new Seen(System.nanoTime()));
        }
    }

    @Override
    public void onClosed(Connection connection) {
        connections.remove(connection);
    }

    /** How many were closed to make room, or because they did not get on. */
    long shed() {
        return shed.get();
    }

    void sweep(long nowNanos) {
        List<Map.Entry<Connection, Seen>> idle = new ArrayList<>();
        for (Map.Entry<Connection, Seen> entry : connections.entrySet()) {
            Connection connection = entry.getKey();
            Seen seen = entry.getValue();
            look(connection, seen, nowNanos);
            if (!seen.busy) {
                long idleNanos = nowNanos - seen.idleSinceNanos;
                boolean begun =
                        connection instanceof NegotiatingServerConnection
                                || connection.getBytesIn() > seen.bytes;
                if (begun && idleNanos > HEAD_WITHIN.toNanos()) {
                    close(connection);
                } else if (idleNanos > IDLE_MIN.toNanos()) {
                    idle.add(entry);
                }
            }
        }
        makeRoom(idle, nowNanos);
    }

    private static void look(Connection connection, Seen seen, long nowNanos) {
        long messages = connection.getMessagesIn();
        boolean busy = isBusy(connection, messages);
        if (busy || seen.busy || messages != seen.messages) {
            seen.idleSinceNanos = nowNanos;
            seen.bytes = connection.getBytesIn();
        }
        seen.busy = busy;
        seen.messages = messages;
    }

    private static boolean isBusy(Connection connection, long messages) {
        return connection instanceof HTTP2Connection http2
                ? !http2.getSession().getStreams().isEmpty()
                : messages > connection.getMessagesOut();
    }

    private void makeRoom(List<Map.Entry<Connection, Seen>> idle, long nowNanos) {
        int surplus = connections.size() - crowdedAt;
        if (surplus <= 0) {
            return;
        }
        idle.sort(Comparator.comparingLong(entry -> entry.getValue().idleSinceNanos));
        List<Map.Entry<Connection, Seen>> closing = idle.subList(0, Math.min(surplus, idle.size()));
        closing.forEach(entry -> close(entry.getKey()));
        if (nowNanos - loggedAtNanos > LOG_EVERY.toNanos()) {
            loggedAtNanos = nowNanos;
            log.warn(
                    "{} connections are open, of at most {}; {} idle ones are closed to make room",
                    connections.size() + closing.size(),
                    max,
                    closing.size());
        }
    }

    private void close(Connection connection) {
        shed.incrementAndGet();
        connections.remove(connection);
        if (connection instanceof HTTP2Connection http2) {
            http2.getSession().close(0, "idle", Callback.from(connection::close));
        } else {
            connection.getEndPoint().close();
        }
    }

    private static boolean counts(Connection connection) {
        return connection instanceof NegotiatingServerConnection
                || connection instanceof ConnectionMetaData;
    }
}
