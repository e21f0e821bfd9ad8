/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.reshard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReshardPlanTest {

    private long nextId;

    @Test
    void everyPlanLeadsToUniformShardsInTheStepsThatItNames() {
        Random random = new Random(3);
        List<Shard> open = shards(HashKeyRange.uniform(1));
        for (int i = 0; i < 60; i++) {
            int target = 1 + random.nextInt(40);
            ReshardGoal goal = new ReshardGoal.Uniform(target);
            int left = ReshardPlan.stepsLeft(open, goal);
            while (left > 0) {
                List<ReshardStep> round = ReshardPlan.nextRound(open, goal, 1 + random.nextInt(8));
                assertThat(round).isNotEmpty();
                open = after(open, round);
                assertThat(ReshardPlan.stepsLeft(open, goal)).isEqualTo(left - round.size());
                left -= round.size();
                if (random.nextInt(10) == 0) {
                    break; // The next target comes in the middle.
                }
            }
            if (left == 0) {
                assertThat(open.stream().map(Shard::range).toList())
                        .isEqualTo(HashKeyRange.uniform(target));
                assertThat(ReshardPlan.nextRound(open, goal, 8)).isEmpty();
            }
        }
    }

    @Test
    void doublingTakesOneRound() {
        List<Shard> open = shards(HashKeyRange.uniform(4));
        assertThat(ReshardPlan.stepsLeft(open, new ReshardGoal.Uniform(8))).isEqualTo(4);
        assertThat(ReshardPlan.nextRound(open, new ReshardGoal.Uniform(8), 32)).hasSize(4);
    }

    @Test
    void oneShardIsSplitAndTwoAreMergedInEitherOrder() {
        List<Shard> open = shards(HashKeyRange.uniform(2));
        ReshardGoal split =
                new ReshardGoal.SplitOne(open.getFirst().id(), open.getFirst().range().end());
        List<Shard> three = after(open, ReshardPlan.nextRound(open, split, 8));
        assertThat(three).hasSize(3);
        assertThat(ReshardPlan.stepsLeft(three, split)).isZero();
        ReshardGoal merge = new ReshardGoal.MergeTwo(three.get(1).id(), three.get(0).id());
        assertThat(after(three, ReshardPlan.nextRound(three, merge, 8))).hasSize(2);
    }

    private List<Shard> after(List<Shard> open, List<ReshardStep> round) {
        List<Shard> next = new ArrayList<>(open);
        Set<ShardId> touched = new HashSet<>();
        for (ReshardStep step : round) {
            step.parents()
                    .forEach(parent ->
                            assertThat(touched.add(parent.id())).as("in one step only").isTrue());
            next.removeAll(step.parents());
            next.addAll(shards(step.children()));
        }
        next.sort(Comparator.comparing(shard -> shard.range().start()));
        return next;
    }

    private List<Shard> shards(List<HashKeyRange> ranges) {
        List<Shard> shards = new ArrayList<>();
        for (HashKeyRange range : ranges) {
            long id = nextId++;
            shards.add(
                    new Shard(
                            new ShardId(id),
                            List.of(),
                            range,
                            (int) id,
                            0,
                            Instant.EPOCH,
                            new Shard.Open()));
        }
        return shards;
    }
}
