/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.reshard;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The way from the open shards to a goal. It is computed anew from the shards as they are, so that
 * a restarted writer, or a goal that changes on the way, needs no stored plan.
 *
 * <p>Think of a stream as the set of its inner boundaries (the starting keys of all open shards but
 * the first). A split adds one boundary, a merge removes one. So the number of steps left is the
 * number of boundaries that are missing plus the number of those that are too many, and each step
 * counts one off.
 */
public final class ReshardPlan {

    private ReshardPlan() {}

    /** How many splits and merges are left. */
    public static int stepsLeft(List<Shard> open, ReshardGoal goal) {
        return switch (goal) {
            case ReshardGoal.Uniform(int shards) -> stepsTo(open, uniform(shards));
            case ReshardGoal.Boundaries(var inner) -> stepsTo(open, new TreeSet<>(inner));
            case ReshardGoal.SplitOne split ->
                    open.stream().anyMatch(shard -> shard.id().equals(split.shard())) ? 1 : 0;
            case ReshardGoal.MergeTwo merge ->
                    open.stream().anyMatch(shard -> shard.id().equals(merge.shard())) ? 1 : 0;
        };
    }

    /**
     * Steps that can be taken at once: no shard is in two of them.
     *
     * @param open the open shards in the order of their ranges
     * @param stepsMax the most steps to give, so that a round pauses a bounded number of shards
     * @return none when the goal is reached
     */
    public static List<ReshardStep> nextRound(List<Shard> open, ReshardGoal goal, int stepsMax) {
        return switch (goal) {
            case ReshardGoal.Uniform(int shards) -> roundTo(open, uniform(shards), stepsMax);
            case ReshardGoal.Boundaries(var inner) -> roundTo(open, new TreeSet<>(inner), stepsMax);
            case ReshardGoal.SplitOne(var shard, var at) ->
                    byId(open, shard)
                            .<List<ReshardStep>>map(
                                    parent -> List.of(new ReshardStep.Split(parent, at)))
                            .orElse(List.of());
            case ReshardGoal.MergeTwo(var shard, var adjacent) ->
                    mergeRound(byId(open, shard), byId(open, adjacent));
        };
    }

    private static List<ReshardStep> mergeRound(Optional<Shard> one, Optional<Shard> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return List.of();
        }
        boolean inOrder = one.get().range().start().compareTo(other.get().range().start()) < 0;
        return List.of(
                inOrder
                        ? new ReshardStep.Merge(one.get(), other.get())
                        : new ReshardStep.Merge(other.get(), one.get()));
    }

    private static NavigableSet<HashKey> uniform(int shards) {
        return innerBoundaries(HashKeyRange.uniform(shards));
    }

    private static int stepsTo(List<Shard> open, NavigableSet<HashKey> want) {
        NavigableSet<HashKey> have = innerBoundaries(ranges(open));
        return difference(want, have).size() + difference(have, want).size();
    }

    private static List<ReshardStep> roundTo(
            List<Shard> open, NavigableSet<HashKey> want, int stepsMax) {
        List<ReshardStep> steps = new ArrayList<>();
        int i = 0;
        while (i < open.size() && steps.size() < stepsMax) {
            Shard shard = open.get(i);
            Optional<HashKey> cut = middleBoundaryInside(shard.range(), want);
            if (cut.isPresent()) {
                steps.add(new ReshardStep.Split(shard, cut.get()));
                i++;
            } else if (canMergeWithNext(open, i, want)) {
                steps.add(new ReshardStep.Merge(shard, open.get(i + 1)));
                i += 2;
            } else {
                i++;
            }
        }
        return List.copyOf(steps);
    }

    private static boolean canMergeWithNext(List<Shard> open, int i, NavigableSet<HashKey> want) {
        if (i + 1 >= open.size()) {
            return false;
        }
        HashKeyRange next = open.get(i + 1).range();
        return !want.contains(next.start()) && middleBoundaryInside(next, want).isEmpty();
    }

    /**
     * The middle one of the wanted boundaries in a range: splitting there halves what is left to
     * do.
     */
    private static Optional<HashKey> middleBoundaryInside(
            HashKeyRange range, NavigableSet<HashKey> want) {
        NavigableSet<HashKey> inside = want.subSet(range.start(), false, range.end(), true);
        return inside.stream().skip(inside.size() / 2).findFirst();
    }

    private static Optional<Shard> byId(List<Shard> open, ShardId id) {
        return open.stream().filter(shard -> shard.id().equals(id)).findFirst();
    }

    private static List<HashKeyRange> ranges(List<Shard> shards) {
        return shards.stream().map(Shard::range).toList();
    }

    private static NavigableSet<HashKey> innerBoundaries(List<HashKeyRange> ranges) {
        NavigableSet<HashKey> boundaries = new TreeSet<>();
        for (HashKeyRange range : ranges) {
            boundaries.add(range.start());
        }
        boundaries.remove(HashKey.MIN);
        return boundaries;
    }

    private static NavigableSet<HashKey> difference(
            NavigableSet<HashKey> of, NavigableSet<HashKey> without) {
        NavigableSet<HashKey> rest = new TreeSet<>(of);
        rest.removeAll(without);
        return rest;
    }
}
