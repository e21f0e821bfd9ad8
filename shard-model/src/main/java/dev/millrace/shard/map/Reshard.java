/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import dev.millrace.shard.reshard.ReshardGoal;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A reshard on its way, or the last one that ended.
 *
 * @param id its number in the stream
 * @param goal what it is heading for
 * @param from how many shards were open when it began
 * @param target how many will be
 * @param step splits and merges done
 * @param steps splits and merges in all, as known now: a changed target changes it
 * @param startedAt when it began
 * @param finishedAt when it ended
 * @param reason why the load of an on-demand stream asked for it
 */
public record Reshard(
        long id,
        ReshardGoal goal,
        int from,
        int target,
        int step,
        int steps,
        Instant startedAt,
        Optional<Instant> finishedAt,
        Optional<String> reason) {

    public Reshard {
        // A log of an older version has none.
        reason = Objects.requireNonNullElse(reason, Optional.empty());
    }

    Reshard advanced(int done, int left) {
        return new Reshard(
                id,
                goal,
                from,
                target,
                step + done,
                step + done + left,
                startedAt,
                finishedAt,
                reason);
    }

    Reshard retargeted(ReshardGoal newGoal, int newTarget, int left) {
        return new Reshard(
                id,
                newGoal,
                from,
                newTarget,
                step,
                step + left,
                startedAt,
                finishedAt,
                Optional.empty());
    }

    Reshard finished(Instant at) {
        return new Reshard(id, goal, from, target, step, step, startedAt, Optional.of(at), reason);
    }
}
