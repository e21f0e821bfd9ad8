/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;

/**
 * The body of one request, read whole and within bounds. Whoever reads one closes it, so that its
 * bytes go back into the budget.
 */
final class RequestBody implements AutoCloseable {

    private static final int STEP_BYTES = 64 * 1024;

    private static final byte[] NONE = {};

    /** Whoever announces more gets the memory for it as it comes. */
    private static final int AT_ONCE_BYTES_MAX = 1024 * 1024;

    /** Records are taken out of a body as arrays of their own, which are nearly as large. */
    private static final int COST = 2;

    private final RequestBudget budget;
    private final BodyBuffers buffers;
    private final int bytesMax;
    private final SlowBodies slow;
    private long acquired;
    private byte[] bytes = NONE;
    private int length;

    RequestBody(RequestBudget budget, BodyBuffers buffers, int bytesMax, SlowBodies slow) {
        this.budget = budget;
        this.buffers = buffers;
        this.bytesMax = bytesMax;
        this.slow = slow;
    }

    /**
     * Reads all of the input.
     *
     * @param announced the Content-Length, or -1 if it is not known
     * @param giveUp ends the wait for more of the input
     * @throws AwsException if the body is larger than allowed or too slow, or the budget is used up
     */
    void read(InputStream in, long announced, Consumer<Throwable> giveUp) throws IOException {
        if (announced > bytesMax) {
            throw tooLarge();
        }
        if (announced == 0) {
            return;
        }
        try (SlowBodies.Arriving arriving = slow.begin(giveUp)) {
            // Who has sent nothing yet takes no memory.
            int first = in.read();
            if (first < 0) {
                return;
            }
            int end = announced < 0 ? bytesMax : (int) announced;
            int size =
                    announced < 0
                            ? STEP_BYTES
                            : BodyBuffers.sizeFor(Math.min(end, AT_ONCE_BYTES_MAX));
            acquire(size);
            bytes = buffers.take(size);
            bytes[length++] = (byte) first;
            fill(in, end, arriving::received);
            readOn(in, end, arriving::received);
        } catch (IOException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw new AwsException(
                        ErrorCode.REQUEST_TIMEOUT, "The body of the request comes too slowly.");
            }
            throw e;
        }
    }

    /** Replaces a compressed body by what it holds. */
    void inflate() throws IOException {
        byte[] compressed = bytes;
        InputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed, 0, length));
        acquire(STEP_BYTES);
        bytes = buffers.take(STEP_BYTES);
        length = in.readNBytes(bytes, 0, bytes.length);
        readOn(in, bytesMax, _ -> {});
        buffers.giveBack(compressed);
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** After this nobody may look at the bytes any more. */
    @Override
    public void close() {
        byte[] used = bytes;
        bytes = NONE;
        length = 0;
        buffers.giveBack(used);
        budget.release(acquired);
        acquired = 0;
    }

    /** Reads until the input ends, or until the given number of bytes, in an array that grows. */
    private void readOn(InputStream in, int end, LongConsumer progress) throws IOException {
        while (length == bytes.length && length < end || length >= bytesMax) {
            int next = in.read();
            if (next < 0) {
                return;
            }
            if (length >= bytesMax) {
                throw tooLarge();
            }
            int size = (int) Math.min(end, bytes.length * 2L);
            acquire(size - bytes.length);
            byte[] filled = bytes;
            bytes = Arrays.copyOf(filled, size);
            buffers.giveBack(filled);
            bytes[length++] = (byte) next;
            fill(in, end, progress);
        }
    }

    private void fill(InputStream in, int end, LongConsumer progress) throws IOException {
        int full = Math.min(end, bytes.length);
        while (length < full) {
            int count = in.read(bytes, length, full - length);
            if (count < 0) {
                return;
            }
            length += count;
            progress.accept(length);
        }
    }

    private void acquire(long wanted) {
        if (!budget.tryAcquire(COST * wanted)) {
            slow.wasFull();
            throw new AwsException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "The gateway holds as many requests as it can; try again.");
        }
        acquired += COST * wanted;
    }

    private static AwsException tooLarge() {
        return new AwsException(ErrorCode.REQUEST_TOO_LARGE, "The request is too large.");
    }
}
