/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.engine;

import dev.millrace.analytics.progress.Planner.InputRead;
import dev.millrace.analytics.progress.Progress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Reads on in a thread of its own while queries run, so that both have a core. There is one reading
 * at a time; who uses it leaves the reader alone between {@link #begin} and {@link #get}.
 */
final class ReadAhead implements AutoCloseable {

    private static final Duration STOP_MAX = Duration.ofSeconds(15);

    /** Reads rows. */
    interface Reading {
        /**
         * @param before the progress that decides which rows are late
         * @param busy whether nobody waits for the rows yet
         */
        Map<String, InputRead> read(Progress before, BooleanSupplier busy);
    }

    private final Reading reading;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("input").factory());
    private Optional<Future<Map<String, InputRead>>> begun = Optional.empty();
    private volatile boolean busy;

    ReadAhead(Reading reading) {
        this.reading = reading;
    }

    /**
     * Begins to read what comes next.
     *
     * @param after the progress when all that was read is worked off
     */
    void begin(Progress after) {
        busy = true;
        begun = Optional.of(thread.submit(() -> reading.read(after, () -> busy)));
    }

    /**
     * What was read since the last call; reads now if nothing was begun.
     *
     * @throws RuntimeException that of the reading, if it failed
     */
    Map<String, InputRead> get(Progress progress) throws InterruptedException {
        busy = false;
        Optional<Future<Map<String, InputRead>>> last = begun;
        begun = Optional.empty();
        if (last.isEmpty()) {
            return reading.read(progress, () -> false);
        }
        try {
            return last.get().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Returns when nothing is read any more. */
    @Override
    public void close() {
        busy = false;
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("The reading of the inputs does not end");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
