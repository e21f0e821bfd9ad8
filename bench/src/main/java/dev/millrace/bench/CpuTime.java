/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

/** What a process has cost. */
public final class CpuTime {

    private CpuTime() {}

    /** CPU seconds of a process that runs, since it began. */
    public static double seconds(long pid) {
        return ProcessHandle.of(pid)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .orElseThrow()
                        .toNanos()
                / 1e9;
    }
}
