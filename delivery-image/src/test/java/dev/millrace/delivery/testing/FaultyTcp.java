/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** Stands before a server of any protocol: refuses connections, or cuts them at a given word. */
public final class FaultyTcp implements AutoCloseable {

    private static final int BUFFER = 64 * 1024;

    private final ServerSocket listener;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Optional<String>> losesAnswerTo =
            new AtomicReference<>(Optional.empty());
    private volatile boolean down;

    /**
     * @param port of the server, on this machine
     */
    public FaultyTcp(int port) throws IOException {
        this.port = port;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Cuts what is connected and lets nobody in, or lets them in again. */
    public void down(boolean isDown) {
        down = isDown;
        if (isDown) {
            open.forEach(FaultyTcp::close);
        }
    }

    /** The next request with this text reaches the server, and its answer reaches nobody. */
    public void loseAnswerTo(String text) {
        losesAnswerTo.set(Optional.of(text));
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (down) {
                    client.close();
                } else {
                    serve(client);
                }
            } catch (IOException _) {
                // The listener is closed, or the server is not there.
            }
        }
    }

    private void serve(Socket client) throws IOException {
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(client);
        open.add(server);
        AtomicReference<Boolean> cutAtAnswer = new AtomicReference<>(false);
        Thread.ofVirtual().start(() -> copy(client, server, true, cutAtAnswer));
        Thread.ofVirtual().start(() -> copy(server, client, false, cutAtAnswer));
    }

    private void copy(
            Socket from, Socket to, boolean requests, AtomicReference<Boolean> cutAtAnswer) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                if (!requests && cutAtAnswer.get()) {
                    break;
                }
                if (requests && isTheOne(new String(buffer, 0, count, StandardCharsets.UTF_8))) {
                    cutAtAnswer.set(true);
                }
                out.write(buffer, 0, count);
                out.flush();
            }
        } catch (IOException _) {
            // One side is closed, and now the other is.
        } finally {
            close(from);
            close(to);
            open.remove(from);
            open.remove(to);
        }
    }

    private boolean isTheOne(String request) {
        Optional<String> text = losesAnswerTo.get();
        return text.isPresent()
                && request.contains(text.get())
                && losesAnswerTo.compareAndSet(text, Optional.empty());
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It is.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        open.forEach(FaultyTcp::close);
    }
}
