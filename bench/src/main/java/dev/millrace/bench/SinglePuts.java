/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** PutRecord with 16 requests in flight: how many a second, and how long each takes. */
record SinglePuts(URI endpoint, Prepared prepared) {

    private static final int IN_FLIGHT = 16;
    private static final int REQUESTS = 64;
    private static final int RECORD_BYTES = 1_024;
    private static final int SAMPLES_MAX = 1_000_000;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration LENGTH = Duration.ofSeconds(8);

    /** Prints the rate and the times; returns requests per second. */
    double run(String stream) throws Exception {
        List<byte[]> requests = prepared.putRecord(stream, REQUESTS, RECORD_BYTES, 1);
        measure(requests, WARM_UP);
        long start = System.nanoTime();
        long[] nanos = measure(requests, LENGTH);
        double seconds = (System.nanoTime() - start) / 1e9;
        double rate = nanos.length / seconds;
        System.out.printf(
                "PutRecord, %d in flight: %,.0f requests/s; p50 %.2f ms, p99 %.2f ms, longest %.0f ms%n",
                IN_FLIGHT,
                rate,
                nanos[nanos.length / 2] / 1e6,
                nanos[nanos.length * 99 / 100] / 1e6,
                nanos[nanos.length - 1] / 1e6);
        return rate;
    }

    private long[] measure(List<byte[]> requests, Duration length) throws Exception {
        long deadline = System.nanoTime() + length.toNanos();
        long[][] samples = new long[IN_FLIGHT][];
        Rounds.inParallel(
                IN_FLIGHT,
                thread -> {
                    long[] mine = new long[SAMPLES_MAX];
                    int count = 0;
                    try (RawConnection connection = new RawConnection(endpoint)) {
                        for (int i = thread; count < SAMPLES_MAX; i++) {
                            long sent = System.nanoTime();
                            if (sent >= deadline) {
                                break;
                            }
                            if (!connection.send(requests.get(i % REQUESTS))) {
                                throw new IllegalStateException("A put was refused");
                            }
                            mine[count++] = System.nanoTime() - sent;
                        }
                    }
                    samples[thread] = Arrays.copyOf(mine, count);
                });
        long[] all = Arrays.stream(samples).flatMapToLong(Arrays::stream).toArray();
        Arrays.sort(all);
        return all;
    }
}
