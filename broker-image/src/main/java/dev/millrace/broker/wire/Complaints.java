/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a flood of requests from becoming a flood of log lines: the first failure of a kind is told
 * in full, those of the next seconds are counted, and the count is told. Safe to use from any
 * thread. Kinds are named by the program, not by clients, so that there are few.
 */
final class Complaints {

    static final Duration COUNTED_FOR = Duration.ofSeconds(10);

    private final Map<String, Counted> counted = new ConcurrentHashMap<>();

    private record Counted(long sinceNanos, long more) {}

    /** Whether one is to be told now, in full. Others are counted. */
    boolean isFirst(String kind, long nowNanos) {
        Counted now = new Counted(nowNanos, 0);
        return counted.merge(kind, now, (known, _) -> new Counted(known.sinceNanos, known.more + 1))
                == now;
    }

    /**
     * How many of each kind were counted and are to be told now. A kind of which there were no more
     * is forgotten: the next is a first one.
     */
    Map<String, Long> due(long nowNanos) {
        Map<String, Long> due = new HashMap<>();
        for (String kind : counted.keySet()) {
            counted.computeIfPresent(
                    kind,
                    (_, known) -> {
                        if (nowNanos - known.sinceNanos < COUNTED_FOR.toNanos()) {
                            return known;
                        }
                        if (known.more == 0) {
                            return null;
                        }
                        due.put(kind, known.more);
                        return new Counted(nowNanos, 0);
                    });
        }
        return due;
    }
}
