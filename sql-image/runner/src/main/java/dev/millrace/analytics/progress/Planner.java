/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import dev.millrace.analytics.sql.Span;
import dev.millrace.analytics.sql.Timing;
import dev.millrace.shard.ShardId;
import dev.millrace.table.ScanRange;
import dev.millrace.table.ScanRanges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides what is run after some rows were read: which queries, over which records, for which time.
 * Pure: the same progress and the same rows give the same decision.
 */
public final class Planner {

    /** The clocks of brokers and of this process may differ by this much. */
    private static final long CLOCK_MARGIN_MILLIS = 500;

    static final int CHUNKS_MAX = 8_192;

    /**
     * A query as far as planning goes.
     *
     * @param key what its progress is remembered by
     * @param inputs the tables that it reads
     * @param isEarly whether results of its open windows are given, too
     */
    public record Query(String key, Timing timing, Set<String> inputs, boolean isEarly) {

        /** One whose results come once. */
        public Query(String key, Timing timing, Set<String> inputs) {
            this(key, timing, inputs, false);
        }
    }

    /**
     * What was read of an input.
     *
     * @param stream the stream's id
     * @param shards every shard that is being read, by its number
     * @param present the numbers of all shards that the stream has; none where nobody knows. One
     *     that is not among them has expired with all its records, and is forgotten: a query that
     *     names it fails
     */
    public record InputRead(
            String stream, Map<Long, ShardRead> shards, Optional<Set<Long>> present) {}

    /**
     * A query to be run.
     *
     * @param query its place in the list of queries
     */
    public record Run(int query, Map<String, ScanRanges> ranges, Span span) {}

    /**
     * @param after the progress once the runs are done and their results are written
     * @param open of queries whose results come early: all windows that were open before
     * @param closed the queries among these some of whose windows are closed now
     */
    public record Decision(Progress after, List<Run> runs, List<Run> open, Set<Integer> closed) {}

    private final List<Query> queries;
    private final Map<String, InputTiming> timings;
    private final int chunksMax;

    public Planner(List<Query> queries, Map<String, InputTiming> timings) {
        this(queries, timings, CHUNKS_MAX);
    }

    Planner(List<Query> queries, Map<String, InputTiming> timings, int chunksMax) {
        this.queries = List.copyOf(queries);
        this.timings = Map.copyOf(timings);
        this.chunksMax = chunksMax;
    }

    /**
     * Rows of an input that happened before this are late for at least one query: its result for
     * them was given, or what it looks for ends with the watermark.
     */
    public long lateBefore(Progress progress, String input) {
        long late = Long.MIN_VALUE;
        for (Query query : queries) {
            if (query.inputs().contains(input)) {
                late = Math.max(late, lateBefore(progress, input, query));
            }
        }
        return late;
    }

    private static long lateBefore(Progress progress, String input, Query query) {
        if (leavesOutLate(query)) {
            InputProgress read = progress.inputs().get(input);
            return read == null ? Long.MIN_VALUE : read.watermark();
        }
        long closed = progress.query(query.key()).closed();
        return closed == Span.BEGINNING || query.timing() instanceof Timing.Stateless
                ? Long.MIN_VALUE
                : query.timing().rowsFrom(closed);
    }

    /**
     * Whether rows behind the watermark are in none of its results. In a window that is open they
     * are; but a frame, a match or a session that was given would have been another one with them.
     */
    private static boolean leavesOutLate(Query query) {
        return query.timing() instanceof Timing.Sessions
                || query.timing() instanceof Timing.Lookback;
    }

    /**
     * @param now milliseconds since 1970
     */
    public Decision decide(Progress before, Map<String, InputRead> reads, long now) {
        Map<String, InputProgress> inputs = new HashMap<>(before.inputs());
        reads.forEach((name, read) -> inputs.put(name, advanced(before, name, read)));
        List<Run> runs = new ArrayList<>();
        List<Run> open = new ArrayList<>();
        Set<Integer> closed = new HashSet<>();
        Map<String, QueryProgress> after = new HashMap<>(before.queries());
        for (int i = 0; i < queries.size(); i++) {
            Query query = queries.get(i);
            QueryProgress progress = before.query(query.key());
            if (query.timing() instanceof Timing.Stateless) {
                Map<String, ScanRanges> ranges = newRows(query, reads);
                if (!ranges.isEmpty()) {
                    runs.add(new Run(i, ranges, new Span(Span.BEGINNING, now)));
                }
            } else if (query.isEarly()) {
                QueryProgress closing = close(i, query, progress, inputs, new ArrayList<>());
                after.put(query.key(), closing);
                open(i, query, progress, inputs).ifPresent(open::add);
                if (closing.closed() > progress.closed()) {
                    closed.add(i);
                }
            } else {
                after.put(query.key(), close(i, query, progress, inputs, runs));
            }
        }
        return new Decision(forgotten(before.with(inputs, after)), runs, open, closed);
    }

    // --- inputs

    private InputProgress advanced(Progress before, String name, InputRead read) {
        InputProgress known = before.inputs().get(name);
        InputProgress input =
                known == null || !known.stream().equals(read.stream())
                        ? new InputProgress(read.stream(), Long.MIN_VALUE, Map.of())
                        : known;
        Map<Long, ShardProgress> shards = new TreeMap<>(input.shards());
        read.shards()
                .forEach((number, shard) -> {
                    ShardProgress progress = shards.get(number);
                    if (progress == null) {
                        progress =
                                new ShardProgress(
                                        shard.from(), inherited(input, shard), false, List.of());
                    }
                    shards.put(number, progress.with(shard, input.watermark()));
                });
        read.present().ifPresent(shards.keySet()::retainAll);
        InputTiming timing = timings.getOrDefault(name, DEFAULT);
        return new InputProgress(
                read.stream(),
                Math.max(input.watermark(), watermark(shards, read, timing)),
                shards);
    }

    private static final InputTiming DEFAULT =
            new InputTiming(true, Duration.ZERO, Duration.ofSeconds(30));

    private static long inherited(InputProgress input, ShardRead shard) {
        long max = Long.MIN_VALUE;
        for (ShardId parent : shard.parents()) {
            ShardProgress progress = input.shards().get(parent.index());
            max = progress == null ? max : Math.max(max, progress.maxRowtime());
        }
        return max;
    }

    /**
     * The least of the shards that are being read and are not idle. Where all of them are idle
     * there is nobody to wait for: the latest counts.
     */
    private static long watermark(
            Map<Long, ShardProgress> shards, InputRead read, InputTiming timing) {
        long least = Long.MAX_VALUE;
        long latest = Long.MIN_VALUE;
        for (Map.Entry<Long, ShardRead> entry : read.shards().entrySet()) {
            ShardRead shard = entry.getValue();
            ShardProgress progress = shards.get(entry.getKey());
            if (progress == null || progress.ended()) {
                continue;
            }
            boolean caughtUp = shard.caughtUpAt() != Long.MIN_VALUE;
            long time = progress.maxRowtime();
            if (timing.byArrival() && caughtUp) {
                time = Math.max(time, shard.caughtUpAt() - CLOCK_MARGIN_MILLIS);
            }
            latest = Math.max(latest, time);
            if (timing.byArrival()
                    || !caughtUp
                    || shard.quietMillis() <= timing.idleTimeout().toMillis()) {
                least = Math.min(least, time);
            }
        }
        long time = least == Long.MAX_VALUE ? latest : least;
        return time == Long.MIN_VALUE ? Long.MIN_VALUE : time - timing.allowedLateness().toMillis();
    }

    // --- queries

    private static Map<String, ScanRanges> newRows(Query query, Map<String, InputRead> reads) {
        Map<String, ScanRanges> all = new HashMap<>();
        for (String input : query.inputs()) {
            InputRead read = reads.get(input);
            if (read == null) {
                continue;
            }
            List<ScanRange> ranges = new ArrayList<>();
            read.shards()
                    .forEach((number, shard) -> {
                        if (shard.rows() > 0) {
                            ranges.add(
                                    new ScanRange(new ShardId(number), shard.from(), shard.to()));
                        }
                    });
            if (!ranges.isEmpty()) {
                all.put(input, new ScanRanges(ranges));
            }
        }
        return all;
    }

    private static QueryProgress close(
            int place,
            Query query,
            QueryProgress progress,
            Map<String, InputProgress> inputs,
            List<Run> runs) {
        long watermark = Long.MAX_VALUE;
        for (String name : query.inputs()) {
            InputProgress input = inputs.get(name);
            watermark = Math.min(watermark, input == null ? Long.MIN_VALUE : input.watermark());
        }
        if (watermark == Long.MIN_VALUE || watermark == Long.MAX_VALUE) {
            return progress;
        }
        long closed = query.timing().closed(watermark);
        if (closed <= progress.closed()) {
            return progress;
        }
        Span span = new Span(progress.closed(), closed);
        long from = rowsFrom(query, progress);
        Map<String, ScanRanges> ranges = ranges(query, inputs, from, closed);
        if (!ranges.isEmpty()) {
            runs.add(new Run(place, ranges, span));
        }
        // Until the sessions were looked for, the oldest open one is as old as it was.
        return new QueryProgress(closed, ranges.isEmpty() ? closed : progress.openFrom());
    }

    /** All windows that are not closed, with what came of them. */
    private static Optional<Run> open(
            int place, Query query, QueryProgress progress, Map<String, InputProgress> inputs) {
        Map<String, ScanRanges> ranges =
                ranges(query, inputs, rowsFrom(query, progress), Long.MAX_VALUE);
        return ranges.isEmpty()
                ? Optional.empty()
                : Optional.of(new Run(place, ranges, new Span(progress.closed(), Long.MAX_VALUE)));
    }

    private static Map<String, ScanRanges> ranges(
            Query query, Map<String, InputProgress> inputs, long from, long before) {
        Map<String, ScanRanges> ranges = new HashMap<>();
        for (String name : query.inputs()) {
            InputProgress input = inputs.get(name);
            List<ScanRange> scanned =
                    input == null ? List.of() : chunks(input, from, before, leavesOutLate(query));
            if (!scanned.isEmpty()) {
                ranges.put(name, new ScanRanges(scanned));
            }
        }
        return ranges;
    }

    private static long rowsFrom(Query query, QueryProgress progress) {
        if (progress.closed() == Span.BEGINNING) {
            return Span.BEGINNING;
        }
        // A row between the oldest open session and what is closed may begin another one.
        return query.timing() instanceof Timing.Sessions
                ? Math.min(progress.openFrom(), progress.closed())
                : query.timing().rowsFrom(progress.closed());
    }

    private static List<ScanRange> chunks(
            InputProgress input, long from, long before, boolean leaveOutLate) {
        List<ScanRange> ranges = new ArrayList<>();
        input.shards()
                .forEach((number, shard) -> {
                    for (Chunk chunk : shard.chunks()) {
                        if (chunk.maxRowtime() >= from && chunk.minRowtime() < before) {
                            add(ranges, number, chunk, leaveOutLate);
                        }
                    }
                });
        return ranges;
    }

    /** Ranges that follow each other are one, so that the query's text stays short. */
    private static void add(List<ScanRange> ranges, long shard, Chunk chunk, boolean leaveOutLate) {
        long bound = leaveOutLate && chunk.hasLateRows() ? chunk.watermark() : ScanRange.ALL;
        ScanRange last = ranges.isEmpty() ? null : ranges.getLast();
        if (last != null
                && last.shard().index() == shard
                && last.to() == chunk.from()
                && last.minRowtime() == bound) {
            ranges.set(
                    ranges.size() - 1, new ScanRange(last.shard(), last.from(), chunk.to(), bound));
        } else {
            ranges.add(new ScanRange(new ShardId(shard), chunk.from(), chunk.to(), bound));
        }
    }

    // --- what need not be remembered

    private Progress forgotten(Progress progress) {
        Map<String, InputProgress> inputs = new HashMap<>();
        progress.inputs()
                .forEach((name, input) -> {
                    long needed = neededFrom(progress, name);
                    Map<Long, ShardProgress> shards = new TreeMap<>();
                    int max = Math.max(4, chunksMax / Math.max(1, input.shards().size()));
                    input.shards()
                            .forEach((number, shard) ->
                                    shards.put(number, shard.from(needed).within(max)));
                    inputs.put(name, new InputProgress(input.stream(), input.watermark(), shards));
                });
        return progress.with(inputs, progress.queries());
    }

    private long neededFrom(Progress progress, String input) {
        long needed = Long.MAX_VALUE;
        for (Query query : queries) {
            if (query.inputs().contains(input) && !(query.timing() instanceof Timing.Stateless)) {
                needed = Math.min(needed, rowsFrom(query, progress.query(query.key())));
            }
        }
        return needed;
    }
}
