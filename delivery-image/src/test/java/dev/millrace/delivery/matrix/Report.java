/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What happened, as the table that docs/delivery.md has. Safe to use from any thread. */
public final class Report {

    /**
     * @param repeated how many were there more than once
     * @param mended how long it took from the mending to the last record
     */
    private record Row(
            String destination,
            String trouble,
            String said,
            int in,
            long there,
            int refused,
            long repeated,
            Duration mended) {

        String markdown() {
            return "| %s | %s | %s | %,d | %,d | %,d | %,d | %.1f s |"
                    .formatted(
                            destination,
                            trouble,
                            said.isEmpty() ? "" : "`" + said + "`",
                            in,
                            there,
                            refused,
                            repeated,
                            mended.toMillis() / 1_000.0);
        }
    }

    private final List<Row> rows = new ArrayList<>();

    public synchronized void add(
            String destination, String trouble, String said, Counts counts, Duration mended) {
        rows.add(
                new Row(
                        destination,
                        trouble,
                        said,
                        counts.expected(),
                        counts.there().stream().distinct().count(),
                        counts.refused().size(),
                        counts.there().size() - counts.there().stream().distinct().count(),
                        mended));
    }

    /** Writes all of it; those of a destination stand together. */
    public synchronized void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| destination | what went wrong | status says | in | there | in the backup | twice | delivered after it was mended |");
        lines.add("| --- | --- | --- | --- | --- | --- | --- | --- |");
        rows.stream()
                .map(Row::destination)
                .distinct()
                .sorted()
                .forEach(destination ->
                        rows.stream()
                                .filter(row -> row.destination().equals(destination))
                                .map(Row::markdown)
                                .forEach(lines::add));
        Files.write(file, lines);
    }
}
