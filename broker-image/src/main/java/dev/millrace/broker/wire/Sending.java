/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Callback;

/**
 * Sends the pieces of an answer, each once the client has taken the one before. A client that takes
 * them too slowly is given up, so that what it was to get is held for it no longer.
 */
final class Sending {

    /** How long a client may take for nothing at all. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** How fast it must be on the average beyond that. */
    private static final long BYTES_PER_SECOND_MIN = 32 * 1024;

    private final Content.Sink sink;
    private final long beganAtNanos = System.nanoTime();
    private long bytes;

    Sending(Content.Sink sink) {
        this.sink = sink;
    }

    /**
     * Waits until the client, or the system's buffers, took all of it.
     *
     * @throws IOException if the connection broke, or the client is too slow
     */
    void send(boolean last, ByteBuffer piece) throws IOException {
        bytes += piece.remaining();
        CompletableFuture<Void> sent = new CompletableFuture<>();
        sink.write(
                last, piece, Callback.from(() -> sent.complete(null), sent::completeExceptionally));
        try {
            sent.get(patienceNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            throw new IOException("The client took " + bytes + " bytes too slowly");
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while an answer was sent", e);
        }
    }

    private long patienceNanos() {
        long allowed =
                PATIENCE.toNanos() + TimeUnit.SECONDS.toNanos(1) / BYTES_PER_SECOND_MIN * bytes;
        return Math.max(0, allowed - (System.nanoTime() - beganAtNanos));
    }
}
