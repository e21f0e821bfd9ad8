/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import dev.millrace.analytics.progress.Planner.InputRead;
import dev.millrace.shard.ShardId;
import dev.millrace.table.ScanRange;
import dev.millrace.table.ScanRanges;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A stream that is put to out of order and resharded at random, and a reader of it that can be
 * begun anew from committed progress, as {@code InputReader} is.
 */
final class SimulatedInput {

    private static final int SHARDS_MAX = 12;

    /** A row; its id is its place among all rows. */
    record Row(int id, int key, long time) {}

    private static final class SimulatedShard {
        private final ShardId id;
        private final List<ShardId> parents;
        private final List<Row> rows = new ArrayList<>();
        private boolean closed;
        private boolean expired;

        // Of the reader.
        private long takenTo;
        private boolean begun;
        private boolean ended;
        private long lastRowAt;

        SimulatedShard(ShardId id, List<ShardId> parents) {
            this.id = id;
            this.parents = List.copyOf(parents);
        }
    }

    private final String name;
    private final Random random;
    private final long disorder;
    private final boolean hasLateRows;
    private final TreeMap<ShardId, SimulatedShard> shards = new TreeMap<>();
    private final List<Row> rows = new ArrayList<>();

    SimulatedInput(String name, Random random, int shards, long disorder, boolean hasLateRows) {
        this.name = name;
        this.random = random;
        this.disorder = disorder;
        this.hasLateRows = hasLateRows;
        for (int i = 0; i < shards; i++) {
            open(List.of());
        }
    }

    String name() {
        return name;
    }

    List<Row> rows() {
        return rows;
    }

    private void open(List<ShardId> parents) {
        ShardId id = new ShardId(shards.size());
        shards.put(id, new SimulatedShard(id, parents));
    }

    private List<SimulatedShard> openShards() {
        return shards.values().stream().filter(shard -> !shard.closed).toList();
    }

    // --- who puts

    /** Some rows of about a time, some of them twice, a few of them very late. */
    void put(int count, long time) {
        for (int i = 0; i < count; i++) {
            long late = hasLateRows && random.nextInt(25) == 0 ? random.nextLong(40_000) : 0;
            put(time - random.nextLong(disorder + 1) - late);
            if (random.nextInt(20) == 0) {
                put(rows.getLast().time());
            }
        }
    }

    private void put(long time) {
        List<SimulatedShard> open = openShards();
        // Most rows go to the first shard, so that others are silent for a while.
        SimulatedShard shard =
                random.nextInt(3) == 0 ? open.get(random.nextInt(open.size())) : open.getFirst();
        Row row = new Row(rows.size(), random.nextInt(4), time);
        rows.add(row);
        shard.rows.add(row);
    }

    /** What ends all windows: a row far in the future for each shard. */
    void putEnd(long time) {
        for (SimulatedShard shard : openShards()) {
            Row row = new Row(rows.size(), -1, time);
            rows.add(row);
            shard.rows.add(row);
        }
    }

    void reshard() {
        List<SimulatedShard> open = openShards();
        if (shards.size() >= SHARDS_MAX) {
            return;
        }
        if (open.size() > 1 && random.nextBoolean()) {
            SimulatedShard left = open.get(0);
            SimulatedShard right = open.get(1);
            left.closed = true;
            right.closed = true;
            open(List.of(left.id, right.id));
        } else {
            SimulatedShard parent = open.get(random.nextInt(open.size()));
            parent.closed = true;
            open(List.of(parent.id));
            open(List.of(parent.id));
        }
    }

    // --- who reads

    /** Forgets what was read; goes on from what was committed. */
    void resume(Progress progress, long now) {
        Map<Long, ShardProgress> known =
                progress.inputs().containsKey(name)
                        ? progress.inputs().get(name).shards()
                        : Map.of();
        for (SimulatedShard shard : shards.values()) {
            ShardProgress at = known.get(shard.id.index());
            // The time between may be long. A stream keeps what its windows need.
            shard.expired |=
                    at != null && at.ended() && at.chunks().isEmpty() && random.nextInt(3) == 0;
            shard.begun = at != null || shard.expired;
            shard.ended = at == null ? shard.expired : at.ended();
            shard.takenTo = at != null ? at.position() : shard.expired ? shard.rows.size() : 0;
            shard.lastRowAt = now;
        }
    }

    /** Up to so many rows of each shard whose parents were read to their ends. */
    InputRead read(int rowsMax, long now) {
        Map<Long, ShardRead> reads = new TreeMap<>();
        List<SimulatedShard> endedNow = new ArrayList<>();
        for (SimulatedShard shard : shards.values()) {
            boolean parentsEnded = shard.parents.stream().allMatch(parent -> shardOf(parent).ended);
            if (shard.ended || !shard.begun && !parentsEnded) {
                continue;
            }
            if (!shard.begun) {
                shard.begun = true;
                shard.lastRowAt = now;
            }
            ShardRead read = read(shard, random.nextInt(rowsMax + 1), now);
            reads.put(shard.id.index(), read);
            if (read.ended()) {
                endedNow.add(shard);
            }
        }
        // Children are begun by the next read.
        endedNow.forEach(shard -> shard.ended = true);
        return new InputRead(name + "-id", reads, Optional.of(present()));
    }

    private Set<Long> present() {
        return shards.values().stream()
                .filter(shard -> !shard.expired)
                .map(shard -> shard.id.index())
                .collect(Collectors.toSet());
    }

    /** What must not be remembered any more when all windows are closed. */
    Set<Long> expired() {
        return shards.values().stream()
                .filter(shard -> shard.expired)
                .map(shard -> shard.id.index())
                .collect(Collectors.toSet());
    }

    private SimulatedShard shardOf(ShardId id) {
        return Objects.requireNonNull(shards.get(id));
    }

    private ShardRead read(SimulatedShard shard, int count, long now) {
        long to = Math.min(shard.rows.size(), shard.takenTo + count);
        List<ShardRead.Part> parts = new ArrayList<>();
        for (long from = shard.takenTo; from < to; ) {
            long end = Math.min(to, from + 1 + random.nextInt(5));
            List<Row> rows = shard.rows.subList((int) from, (int) end);
            parts.add(
                    new ShardRead.Part(
                            from,
                            end,
                            rows.size(),
                            rows.stream().mapToLong(Row::time).min().orElseThrow(),
                            rows.stream().mapToLong(Row::time).max().orElseThrow()));
            from = end;
        }
        boolean all = to == shard.rows.size();
        if (!parts.isEmpty()) {
            shard.lastRowAt = now;
        }
        ShardRead read =
                new ShardRead(
                        shard.parents,
                        shard.takenTo,
                        to,
                        parts,
                        shard.closed && all,
                        all ? now : Long.MIN_VALUE,
                        now - shard.lastRowAt);
        shard.takenTo = to;
        return read;
    }

    boolean isRead() {
        return shards.values().stream()
                .allMatch(shard ->
                        shard.begun
                                && shard.takenTo == shard.rows.size()
                                && (shard.ended || !shard.closed));
    }

    // --- what a query reads

    /** The rows of a read, by shard and offset. */
    List<Row> rows(InputRead read) {
        List<Row> found = new ArrayList<>();
        read.shards()
                .forEach((number, shard) ->
                        found.addAll(
                                shardOf(new ShardId(number))
                                        .rows
                                        .subList((int) shard.from(), (int) shard.to())));
        return found;
    }

    /** The rows of a version of the table. */
    List<Row> rows(ScanRanges ranges) {
        List<Row> found = new ArrayList<>();
        for (ScanRange range : ranges.ranges()) {
            List<Row> records =
                    shardOf(range.shard()).rows.subList((int) range.from(), (int) range.to());
            for (Row row : records) {
                if (row.time() >= range.minRowtime()) {
                    found.add(row);
                }
            }
        }
        return found;
    }

    static Map<String, List<Row>> rows(List<SimulatedInput> inputs, Map<String, ScanRanges> of) {
        Map<String, List<Row>> found = new HashMap<>();
        for (SimulatedInput input : inputs) {
            found.put(input.name, input.rows(of.getOrDefault(input.name, NOTHING)));
        }
        return found;
    }

    private static final ScanRanges NOTHING = new ScanRanges(List.of());
}
