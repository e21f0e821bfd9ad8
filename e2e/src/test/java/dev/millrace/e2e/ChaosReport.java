/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.e2e.checker.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The table of {@code docs/reliability.md}: with {@code -Dchaos.docs=true} a fault's run replaces
 * its line.
 */
final class ChaosReport {

    private static final Path PAGE = Path.of("../docs/reliability.md");
    private static final String MARK = "<!-- chaos -->";

    private ChaosReport() {}

    static void write(Fault fault, int rounds, Verdict verdict) throws IOException {
        if (!Boolean.getBoolean("chaos.docs")) {
            return;
        }
        String page = Files.readString(PAGE);
        int begin = page.indexOf(MARK) + MARK.length();
        int end = page.indexOf(MARK, begin);
        assertThat(end).as("two marks " + MARK + " in " + PAGE).isPositive();
        List<String> lines = new ArrayList<>(page.substring(begin, end).strip().lines().toList());
        lines.removeIf(line -> line.startsWith("| " + fault.label() + " |"));
        lines.add(line(fault, rounds, verdict));
        Files.writeString(
                PAGE,
                page.substring(0, begin)
                        + "\n"
                        + String.join("\n", lines)
                        + "\n"
                        + page.substring(end));
    }

    private static String line(Fault fault, int rounds, Verdict verdict) {
        return "| %s | %s | %d | %,d | %d | %d | %d | %d | %.1f s |"
                .formatted(
                        fault.label(),
                        fault.description(),
                        rounds,
                        verdict.acknowledged(),
                        verdict.lost().size(),
                        verdict.misplaced().size() + verdict.disordered().size(),
                        verdict.duplicatesWithoutRetry().size(),
                        verdict.duplicatesAfterRetry(),
                        verdict.longestWait().toMillis() / 1_000.0);
    }
}
