/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.broker.record.ShardAppender.AppendResult;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The records of one request on their way: each gets its result once, from any thread. */
public final class Appends {

    private final AtomicReferenceArray<@Nullable AppendResult> results;
    private final CountDownLatch left;

    /**
     * @param count how many results there will be
     */
    public Appends(int count) {
        this.results = new AtomicReferenceArray<>(count);
        this.left = new CountDownLatch(count);
    }

    /** Gives a record its result; only the first counts. */
    public void complete(int index, AppendResult result) {
        if (results.compareAndSet(index, null, result)) {
            left.countDown();
        }
    }

    /**
     * Waits until all have their results, or the time is up.
     *
     * @return in the order of the records; those that have none by then are refused
     */
    public List<AppendResult> await(Duration atMost) throws InterruptedException {
        boolean all = left.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
        AppendResult[] taken = new AppendResult[results.length()];
        for (int i = 0; i < taken.length; i++) {
            AppendResult result = results.get(i);
            taken[i] = result == null ? notInTime() : result;
        }
        if (!all) {
            // What comes after this must not be acknowledged, and is not: nobody looks any more.
            for (int i = 0; i < taken.length; i++) {
                complete(i, taken[i]);
            }
        }
        return Arrays.asList(taken);
    }

    private static AppendResult notInTime() {
        return new AppendResult.Refused(
                ShardAppender.Kind.INTERNAL_FAILURE, "Internal service failure.");
    }
}
