/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e.checker;

import java.time.Duration;
import java.util.List;

/**
 * What became of acknowledged records.
 *
 * @param lost not where the acknowledgement said
 * @param misplaced outside of the ranges of their shard
 * @param disordered against the order of their key or of their shard
 * @param duplicatesWithoutRetry there twice, though sent once
 * @param duplicatesAfterRetry there twice, and sent twice: that is Kinesis's contract
 * @param foreign put by nobody
 * @param failures calls that failed after all of the SDK's retries
 * @param longestWait the longest from the first try of a put to its acknowledgement
 */
public record Verdict(
        int acknowledged,
        List<String> lost,
        List<String> misplaced,
        List<String> disordered,
        List<String> duplicatesWithoutRetry,
        int duplicatesAfterRetry,
        List<String> foreign,
        int failures,
        Duration longestWait) {

    private static final int SHOWN = 5;

    public Verdict {
        lost = List.copyOf(lost);
        misplaced = List.copyOf(misplaced);
        disordered = List.copyOf(disordered);
        duplicatesWithoutRetry = List.copyOf(duplicatesWithoutRetry);
        foreign = List.copyOf(foreign);
    }

    /** Whether everything promised was kept. */
    public boolean isClean() {
        return lost.isEmpty()
                && misplaced.isEmpty()
                && disordered.isEmpty()
                && duplicatesWithoutRetry.isEmpty()
                && foreign.isEmpty();
    }

    @Override
    public String toString() {
        return "%d acknowledged, longest wait %.1f s, %d failed calls, %d duplicates after retries; lost %s, misplaced %s, disordered %s, duplicates without retry %s, foreign %s"
                .formatted(
                        acknowledged,
                        longestWait.toMillis() / 1_000.0,
                        failures,
                        duplicatesAfterRetry,
                        few(lost),
                        few(misplaced),
                        few(disordered),
                        few(duplicatesWithoutRetry),
                        few(foreign));
    }

    private static String few(List<String> found) {
        return found.size()
                + (found.isEmpty() ? "" : " such as " + found.stream().limit(SHOWN).toList());
    }
}
