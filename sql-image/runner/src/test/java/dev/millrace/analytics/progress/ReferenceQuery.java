/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import dev.millrace.analytics.progress.SimulatedInput.Row;
import dev.millrace.analytics.sql.ContinuousQuery;
import dev.millrace.analytics.sql.Span;
import dev.millrace.analytics.sql.SqlException;
import dev.millrace.analytics.sql.Timing;
import dev.millrace.table.TableDescription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A kind of query that is computed here in the plainest way: over the rows that the planner says,
 * as Trino does it, and over all rows at once.
 */
enum ReferenceQuery {
    STATELESS("SELECT id FROM a"),
    TUMBLING(
            "SELECT window_start, k, count(*) AS n FROM TABLE(TUMBLE(TABLE(a), DESCRIPTOR(at), INTERVAL '7'"
                    + " SECOND)) GROUP BY window_start, k"),
    BUCKET("SELECT date_trunc('minute', at) AS m, k, count(*) AS n FROM a GROUP BY 1, 2"),
    HOPPING(
            "SELECT window_start, k, count(*) AS n FROM TABLE(HOP(TABLE(a), DESCRIPTOR(at), INTERVAL '3'"
                    + " SECOND, INTERVAL '11' SECOND)) GROUP BY window_start, k"),
    CUMULATING(
            "SELECT window_end, k, count(*) AS n FROM TABLE(CUMULATE(TABLE(a), DESCRIPTOR(at), INTERVAL '5'"
                    + " SECOND, INTERVAL '20' SECOND)) GROUP BY window_end, k"),
    SESSION(
            "SELECT window_start, k, count(*) AS n FROM TABLE(SESSION(TABLE(a) PARTITION BY k,"
                    + " DESCRIPTOR(at), INTERVAL '2' SECOND)) GROUP BY window_start, k"),
    SLIDING(
            "SELECT id, sum(id) OVER (PARTITION BY k ORDER BY at RANGE INTERVAL '4' SECOND"
                    + " PRECEDING) AS s FROM a"),
    JOIN(
            "SELECT a.id, b.id AS other FROM a JOIN b ON a.k = b.k AND b.at BETWEEN a.at - INTERVAL '3' SECOND"
                    + " AND a.at + INTERVAL '3' SECOND");

    /**
     * A row with what held when it was read.
     *
     * @param closed up to when the query's results had been given
     * @param watermark the input's
     */
    record Seen(Row row, long closed, long watermark) {}

    private record Window(long start, long end) {}

    private record Session(int key, Window window) {}

    private final ContinuousQuery query;

    ReferenceQuery(String sql) {
        this.query = parsed(sql);
    }

    private static ContinuousQuery parsed(String sql) {
        try {
            return ContinuousQuery.parse(
                            "INSERT INTO o " + sql,
                            Map.of("a", table("a"), "b", table("b")),
                            Set.of("o"),
                            Optional.<Duration>empty())
                    .getFirst();
        } catch (SqlException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static TableDescription table(String name) {
        return TableDescription.parse(
                """
                {"name": "%s", "stream": "%s", "rowtime": "at", "columns": [{"name": "id", "type": "bigint"},
                  {"name": "k", "type": "bigint"}, {"name": "at", "type": "timestamp(3)"}]}
                """
                        .formatted(name, name));
    }

    Planner.Query planned() {
        return new Planner.Query(name(), timing(), query.inputs());
    }

    Timing timing() {
        return query.timing();
    }

    /** What a run gives of the rows that it reads. */
    List<String> run(Map<String, List<Row>> read, Span span) {
        List<Row> a = read.getOrDefault("a", List.of());
        List<Row> before = a.stream().filter(row -> row.time() < span.to()).toList();
        return switch (timing()) {
            case Timing.Stateless _ -> a.stream().map(Row::toString).toList();
            case Timing.Sessions(long gap) ->
                    sessions(before, gap).entrySet().stream()
                            .filter(session -> ends(session.getKey().window(), span))
                            .map(Object::toString)
                            .toList();
            case Timing.Lookback(long millis) ->
                    pairs(before, this == JOIN ? read.getOrDefault("b", List.of()) : before, millis)
                            .filter(pair -> pair.time() >= span.from() && pair.time() < span.to())
                            .map(Pair::toString)
                            .toList();
            default -> counted(before, row -> windows(row).filter(window -> ends(window, span)));
        };
    }

    /** When the oldest session began that is open at the end of a span. */
    OptionalLong openFrom(Map<String, List<Row>> read, Span span) {
        return timing() instanceof Timing.Sessions(long gap)
                ? sessions(read.getOrDefault("a", List.of()), gap).keySet().stream()
                        .map(Session::window)
                        .filter(window -> window.end() > span.to())
                        .mapToLong(Window::start)
                        .min()
                : OptionalLong.empty();
    }

    /**
     * What one query over all rows gives, up to a time. A row is in the windows that had not been
     * given when it was read; in no sessions and frames if it came behind the watermark.
     */
    List<String> batch(Map<String, List<Seen>> seen, long closed) {
        List<Seen> a = seen.getOrDefault("a", List.of());
        return switch (timing()) {
            case Timing.Stateless _ -> a.stream().map(Seen::row).map(Row::toString).toList();
            case Timing.Sessions(long gap) ->
                    sessions(inTime(a), gap).entrySet().stream()
                            .filter(session -> session.getKey().window().end() <= closed)
                            .map(Object::toString)
                            .toList();
            case Timing.Lookback(long millis) ->
                    pairs(
                                    inTime(a),
                                    inTime(this == JOIN ? seen.getOrDefault("b", List.of()) : a),
                                    millis)
                            .filter(pair -> pair.time() < closed)
                            .map(Pair::toString)
                            .toList();
            default -> {
                Map<Row, Long> given =
                        a.stream().collect(Collectors.toMap(Seen::row, Seen::closed));
                yield counted(
                        a.stream().map(Seen::row).toList(),
                        row ->
                                windows(row)
                                        .filter(window ->
                                                window.end() <= closed
                                                        && window.end()
                                                                > given.getOrDefault(row, 0L)));
            }
        };
    }

    /** Whether a row is in no result, because it came too late for all of them. */
    boolean leavesOut(Seen seen) {
        return switch (timing()) {
            case Timing.Stateless _ -> false;
            case Timing.Sessions _, Timing.Lookback _ -> seen.row().time() < seen.watermark();
            default -> windows(seen.row()).allMatch(window -> window.end() <= seen.closed());
        };
    }

    private static List<Row> inTime(List<Seen> seen) {
        return seen.stream()
                .filter(each -> each.row().time() >= each.watermark())
                .map(Seen::row)
                .toList();
    }

    private static boolean ends(Window window, Span span) {
        return window.end() > span.from() && window.end() <= span.to();
    }

    // --- windows

    private Stream<Window> windows(Row row) {
        long time = row.time();
        return switch (timing()) {
            case Timing.Tumbling tumbling -> {
                long start = tumbling.closed(time);
                long length = this == TUMBLING ? 7_000 : 60_000;
                yield Stream.of(new Window(start, start + length));
            }
            case Timing.Hopping(long slide, long size) ->
                    Stream.iterate(Math.floorDiv(time, slide) * slide, start -> start - slide)
                            .takeWhile(start -> start > time - size)
                            .map(start -> new Window(start, start + size));
            case Timing.Cumulating(long step, long size) -> {
                long start = Math.floorDiv(time, size) * size;
                yield Stream.iterate(start + step, end -> end <= start + size, end -> end + step)
                        .filter(end -> end > time)
                        .map(end -> new Window(start, end));
            }
            default -> Stream.of();
        };
    }

    private static List<String> counted(
            List<Row> rows, Function<Row, Stream<Window>> windowsOfRow) {
        Map<String, long[]> groups = new TreeMap<>();
        for (Row row : rows) {
            windowsOfRow
                    .apply(row)
                    .forEach(window -> {
                        long[] group =
                                groups.computeIfAbsent(window + " " + row.key(), _ -> new long[2]);
                        group[0]++;
                        group[1] += row.id();
                    });
        }
        return groups.entrySet().stream()
                .map(group -> group.getKey() + Arrays.toString(group.getValue()))
                .toList();
    }

    /** The ids of each session's rows; equal windows of two keys are two sessions. */
    private static Map<Session, List<Integer>> sessions(List<Row> rows, long gap) {
        Map<Session, List<Integer>> sessions = new HashMap<>();
        Map<Integer, List<Row>> byKey = rows.stream().collect(Collectors.groupingBy(Row::key));
        byKey.forEach((key, all) -> {
            List<Row> open = new ArrayList<>();
            for (Row row : all.stream().sorted(Comparator.comparingLong(Row::time)).toList()) {
                if (!open.isEmpty() && row.time() - open.getLast().time() >= gap) {
                    close(key, open, gap, sessions);
                }
                open.add(row);
            }
            close(key, open, gap, sessions);
        });
        return sessions;
    }

    private static void close(
            int key, List<Row> open, long gap, Map<Session, List<Integer>> sessions) {
        Window window = new Window(open.getFirst().time(), open.getLast().time() + gap);
        sessions.put(new Session(key, window), open.stream().map(Row::id).sorted().toList());
        open.clear();
    }

    // --- rows with others

    private record Pair(Row row, Row other, long time) {}

    /** Rows of a key that lie within some time. */
    private Stream<Pair> pairs(List<Row> left, List<Row> right, long millis) {
        Map<Integer, List<Row>> byKey = right.stream().collect(Collectors.groupingBy(Row::key));
        return left.stream()
                .flatMap(row ->
                        byKey.getOrDefault(row.key(), List.of()).stream()
                                .filter(other -> Math.abs(row.time() - other.time()) <= millis)
                                // OVER looks back only, and counts for the row itself.
                                .filter(other -> this == JOIN || other.time() <= row.time())
                                .map(other ->
                                        new Pair(row, other, Math.max(row.time(), other.time()))));
    }
}
