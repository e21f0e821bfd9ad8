/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * The body of one request, read whole and within bounds. Whoever reads one closes it, so that its
 * bytes go back into the budget.
 */
final class RequestBody implements AutoCloseable {

    private static final int STEP_BYTES = 64 * 1024;

    private static final byte[] NONE = {};

    private final RequestBudget budget;
    private final BodyBuffers buffers;
    private final int bytesMax;
    private long acquired;
    private byte[] bytes = NONE;
    private int length;

    RequestBody(RequestBudget budget, BodyBuffers buffers, int bytesMax) {
        this.budget = budget;
        this.buffers = buffers;
        this.bytesMax = bytesMax;
    }

    /**
     * Reads all of the input.
     *
     * @param announced the Content-Length, or -1 if it is not known
     * @throws AwsException if the body is larger than allowed, or the budget is used up
     */
    void read(InputStream in, long announced) throws IOException {
        if (announced > bytesMax) {
            throw tooLarge();
        }
        if (announced < 0) {
            acquire(STEP_BYTES);
            bytes = buffers.take(STEP_BYTES);
            length = in.readNBytes(bytes, 0, bytes.length);
            readOn(in);
        } else {
            int size = BodyBuffers.sizeFor((int) announced);
            acquire(size);
            bytes = buffers.take(size);
            length = in.readNBytes(bytes, 0, (int) announced);
        }
    }

    /** Replaces a compressed body by what it holds. */
    void inflate() throws IOException {
        byte[] compressed = bytes;
        InputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed, 0, length));
        acquire(STEP_BYTES);
        bytes = buffers.take(STEP_BYTES);
        length = in.readNBytes(bytes, 0, bytes.length);
        readOn(in);
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

    private void readOn(InputStream in) throws IOException {
        while (length == bytes.length) {
            int next = in.read();
            if (next < 0) {
                return;
            }
            if (length >= bytesMax) {
                throw tooLarge();
            }
            int size = Math.min(bytesMax, bytes.length * 2);
            acquire(size - bytes.length);
            byte[] filled = bytes;
            bytes = Arrays.copyOf(filled, size);
            buffers.giveBack(filled);
            bytes[length++] = (byte) next;
            length += in.readNBytes(bytes, length, bytes.length - length);
        }
    }

    private void acquire(long wanted) {
        if (!budget.tryAcquire(wanted)) {
            throw new AwsException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "The gateway holds as many requests as it can; try again.");
        }
        acquired += wanted;
    }

    private static AwsException tooLarge() {
        return new AwsException(ErrorCode.REQUEST_TOO_LARGE, "The request is too large.");
    }
}
