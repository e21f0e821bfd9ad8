/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.http;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a server and reads all of its answer, in a time and up to a size. A request's own timeout
 * ends with the first line of the answer: a server that stops in the middle would be waited for
 * without end.
 */
public final class WholeAnswer {

    /** The answer is longer than it may be. */
    public static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;

        TooLarge(int bytesMax) {
            super("answered more than " + bytesMax + " bytes");
        }
    }

    private WholeAnswer() {}

    /**
     * @throws HttpTimeoutException if it is not there in time
     * @throws TooLarge if it is longer
     */
    public static HttpResponse<byte[]> to(
            HttpRequest request, HttpClient client, Duration timeout, int bytesMax)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(
                        request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), bytesMax));
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            answer.cancel(true);
            throw new HttpTimeoutException("no whole answer in " + timeout.toSeconds() + " s");
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof IOException cause)) {
                throw new IOException(e.getCause());
            }
            // The message of BodyHandlers.limiting; it has no type of its own.
            if (String.valueOf(cause.getMessage()).startsWith("body exceeds capacity")) {
                throw new TooLarge(bytesMax);
            }
            throw cause;
        }
    }
}
