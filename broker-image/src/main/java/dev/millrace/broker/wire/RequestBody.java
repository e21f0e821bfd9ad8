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

    private final RequestBudget budget;
    private final int bytesMax;
    private long acquired;
    private byte[] bytes = {};
    private int length;

    RequestBody(RequestBudget budget, int bytesMax) {
        this.budget = budget;
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
        acquire(announced >= 0 ? announced : STEP_BYTES);
        bytes = new byte[(int) Math.max(announced, announced < 0 ? STEP_BYTES : 0)];
        length = in.readNBytes(bytes, 0, bytes.length);
        if (announced < 0) {
            readOn(in);
        }
    }

    /** Replaces a compressed body by what it holds. */
    void inflate() throws IOException {
        InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes, 0, length));
        acquire(STEP_BYTES);
        bytes = new byte[STEP_BYTES];
        length = in.readNBytes(bytes, 0, bytes.length);
        readOn(in);
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    @Override
    public void close() {
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
            bytes = Arrays.copyOf(bytes, size);
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
