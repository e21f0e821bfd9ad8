/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Contestants that do the same work in turn, round after round, since the machine is noisy: what
 * counts is the ratio within a round.
 *
 * @param rounds after one that is not counted
 */
record Rounds(int rounds, Duration length) {

    /** Works until the deadline; tells how many records it did. */
    interface Work {
        long run(long deadlineNanos) throws Exception;
    }

    /**
     * @param serverPid the process of the server that it works with
     */
    record Contestant(String name, long serverPid, Work work) {}

    /**
     * What a round did: records, seconds, and CPU seconds of this process and the server's
     * together.
     */
    private record Measured(long records, double seconds, double cpuSeconds) {
        double value(boolean perCpu) {
            return records / (perCpu ? cpuSeconds : seconds);
        }
    }

    /** How long it takes and on what, for the first line of a report. */
    String describe() {
        return "%d rounds of %d s each, in turn; %d processors"
                .formatted(rounds, length.toSeconds(), Runtime.getRuntime().availableProcessors());
    }

    /** Prints what each did, and the ratio of each to the last. */
    void compare(String what, List<Contestant> contestants) throws Exception {
        for (Contestant contestant : contestants) {
            measure(contestant);
        }
        List<List<Measured>> measured = new ArrayList<>();
        contestants.forEach(_ -> measured.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < contestants.size(); i++) {
                measured.get(i).add(measure(contestants.get(i)));
            }
        }
        List<Measured> base = measured.getLast();
        System.out.printf(
                "%-52s %12s %14s   %s%n", what, "records/s", "per CPU second", "ratio to the last");
        for (int i = 0; i < contestants.size(); i++) {
            System.out.printf(
                    "  %-50s %,12.0f %,14.0f   %s; per CPU second %s%n",
                    contestants.get(i).name(),
                    median(measured.get(i), false),
                    median(measured.get(i), true),
                    ratio(measured.get(i), base, false),
                    ratio(measured.get(i), base, true));
        }
    }

    private static String ratio(List<Measured> ours, List<Measured> base, boolean perCpu) {
        double[] ratios =
                IntStream.range(0, ours.size())
                        .mapToDouble(i -> ours.get(i).value(perCpu) / base.get(i).value(perCpu))
                        .sorted()
                        .toArray();
        return "%.2f (%.2f to %.2f)"
                .formatted(ratios[ratios.length / 2], ratios[0], ratios[ratios.length - 1]);
    }

    private static double median(List<Measured> rounds, boolean perCpu) {
        return rounds.stream()
                .mapToDouble(round -> round.value(perCpu))
                .sorted()
                .toArray()[rounds.size() / 2];
    }

    private Measured measure(Contestant contestant) throws Exception {
        long us = ProcessHandle.current().pid();
        double cpu = CpuTime.seconds(contestant.serverPid()) + CpuTime.seconds(us);
        long start = System.nanoTime();
        long records = contestant.work().run(start + length.toNanos());
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuAfter = CpuTime.seconds(contestant.serverPid()) + CpuTime.seconds(us);
        return new Measured(records, seconds, cpuAfter - cpu);
    }

    /** The work of one of several threads. */
    interface ThreadWork {
        void run(int thread) throws Exception;
    }

    /** Runs threads to their end. The first failure of any is thrown. */
    static void inParallel(int count, ThreadWork work) throws Exception {
        List<Exception> failures = new ArrayList<>();
        List<Thread> threads =
                IntStream.range(0, count)
                        .mapToObj(i ->
                                Thread.ofPlatform()
                                        .start(() -> {
                                            try {
                                                work.run(i);
                                            } catch (Exception e) {
                                                synchronized (failures) {
                                                    failures.add(e);
                                                }
                                            }
                                        }))
                        .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }
}
