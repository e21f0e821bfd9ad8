/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e.checker;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What producers know: each acknowledged put, and each record that was sent more than once. */
public final class Journal {

    private static final int FAILURES_KEPT = 100;

    private final ConcurrentLinkedQueue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Sent> sentAgain = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Sent> givenUp = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger failureCount = new AtomicInteger();
    private final AtomicLong longestWaitNanos = new AtomicLong();

    /**
     * A record by its key and its number among those of the key; a producer sends a number of a key
     * when the one before it was acknowledged.
     */
    public record Sent(String key, int number) {}

    /**
     * A put that was acknowledged.
     *
     * @param hash the place of the key, or the one that was asked for
     */
    public record Acknowledged(
            Sent sent, BigInteger hash, String shard, BigInteger sequenceNumber) {}

    void acknowledge(Acknowledged put, boolean again, long waitedNanos) {
        acknowledged.add(put);
        count.incrementAndGet();
        longestWaitNanos.accumulateAndGet(waitedNanos, Math::max);
        if (again) {
            sentAgain.add(put.sent());
        }
    }

    /** The producer ended before it had an answer: the record may be there or not, or twice. */
    void giveUp(Sent sent) {
        givenUp.add(sent);
    }

    void fail(String why) {
        failureCount.incrementAndGet();
        failures.add(why);
        if (failures.size() > FAILURES_KEPT) {
            failures.poll();
        }
    }

    public int acknowledgedSoFar() {
        return count.get();
    }

    /** Calls that failed after all of the SDK's retries. */
    public int failureCount() {
        return failureCount.get();
    }

    /** The last of them. */
    public List<String> lastFailures() {
        return List.copyOf(failures);
    }

    /** The longest that a producer waited from its first try of a put to the acknowledgement. */
    public Duration longestWait() {
        return Duration.ofNanos(longestWaitNanos.get());
    }

    List<Acknowledged> acknowledged() {
        return new ArrayList<>(acknowledged);
    }

    /** Records that may be there twice: the client sent them more than once. */
    Set<Sent> sentMoreThanOnce() {
        Set<Sent> all = new HashSet<>(sentAgain);
        all.addAll(givenUp);
        return all;
    }

    Set<Sent> givenUp() {
        return new HashSet<>(givenUp);
    }
}
