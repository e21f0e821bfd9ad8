/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.Condition;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamSpec;
import dev.millrace.crds.stream.StreamStatus;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.operator.resource.ByteQuantity;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The next status of one Stream, from the one before and what was found out. What is not known now
 * stays as it was last known. Pure: the same facts give the same status.
 */
final class StreamStatuses {

    private final Optional<StreamStatus> before;
    private final long generation;
    private final Instant now;
    private final StreamConditions conditions;

    StreamStatuses(Stream stream, Instant now) {
        this(StreamFacts.status(stream), stream.getMetadata().getGeneration(), now);
    }

    private StreamStatuses(Optional<StreamStatus> before, long generation, Instant now) {
        this.before = before;
        this.generation = generation;
        this.now = now;
        this.conditions =
                new StreamConditions(
                        before.map(StreamFacts::conditions).orElse(List.of()), generation, now);
    }

    /** The same for a spec that has been written since. */
    StreamStatuses ofGeneration(long written) {
        return new StreamStatuses(before, written, now);
    }

    /** Nothing is looked at while somebody holds the operator off. */
    StreamStatus paused() {
        List<Condition> list =
                conditions
                        .keepAll()
                        .set(
                                StreamConditions.PAUSED,
                                true,
                                StreamReason.PAUSED,
                                "The annotation %s is \"true\"".formatted(StreamFacts.PAUSE))
                        .list();
        return status(
                old(StreamStatus::observedGeneration),
                Optional.empty(),
                Optional.empty(),
                list,
                appliedBefore());
    }

    StreamStatus waitingForPool(PoolFacts pool) {
        poolReady(pool);
        reshardingAsBefore();
        ready(false, StreamReason.POOL_NOT_READY, pool.message());
        reconciling(StreamReason.POOL_NOT_READY, pool.message());
        return status(
                generation,
                Optional.of(pool),
                Optional.empty(),
                conditions.list(),
                appliedBefore());
    }

    StreamStatus stalled(Optional<PoolFacts> pool, StreamReason reason, String message) {
        pool.ifPresent(this::poolReady);
        notResharding();
        ready(false, reason, message);
        conditions.set(StreamConditions.STALLED, true, reason, message);
        return status(generation, pool, Optional.empty(), conditions.list(), appliedBefore());
    }

    StreamStatus of(Outcome outcome, PoolFacts pool) {
        poolReady(pool);
        return switch (outcome) {
            case Outcome.Synced synced -> {
                asIs(synced.state());
                yield status(pool, Optional.of(synced.state()), write(synced.applied()));
            }
            case Outcome.Deleting(StreamStateView state) -> {
                asIs(state);
                yield status(pool, Optional.of(state), appliedBefore());
            }
            case Outcome.DeletedThroughApi() -> {
                notResharding();
                ready(false, StreamReason.DELETING, "The stream was deleted through the API");
                yield status(pool, Optional.empty(), appliedBefore());
            }
            case Outcome.Missing() -> {
                String message = "The pool does not have the stream, and no trace of its deletion";
                notResharding();
                ready(false, StreamReason.STREAM_MISSING, message);
                reconciling(StreamReason.STREAM_MISSING, message);
                yield status(pool, Optional.empty(), appliedBefore());
            }
            case Outcome.Stalled stalled -> {
                asIsOrNotReady(stalled.state(), stalled.reason(), stalled.message());
                conditions.set(StreamConditions.STALLED, true, stalled.reason(), stalled.message());
                yield status(pool, stalled.state(), appliedBefore());
            }
            case Outcome.Retry retry -> {
                asIsOrNotReady(retry.state(), retry.reason(), retry.message());
                reconciling(retry.reason(), retry.message());
                yield status(pool, retry.state(), appliedBefore());
            }
        };
    }

    // --- conditions

    private void poolReady(PoolFacts pool) {
        conditions.set(
                StreamConditions.POOL_READY,
                pool.ready(),
                pool.ready() ? StreamReason.POOL_READY : StreamReason.POOL_NOT_READY,
                pool.message());
    }

    private void ready(boolean isReady, StreamReason reason, String message) {
        conditions.set(StreamConditions.READY, isReady, reason, message);
    }

    private void reconciling(StreamReason reason, String message) {
        conditions.set(StreamConditions.RECONCILING, true, reason, message);
    }

    private void notResharding() {
        conditions.set(
                StreamConditions.RESHARDING, false, StreamReason.NOT_RESHARDING, "No reshard");
    }

    /** Nothing is known of it now. */
    private void reshardingAsBefore() {
        notResharding();
        conditions.keep(StreamConditions.RESHARDING);
    }

    private void asIsOrNotReady(
            Optional<StreamStateView> state, StreamReason reason, String message) {
        if (state.isPresent()) {
            asIs(state.get());
            return;
        }
        reshardingAsBefore();
        if (conditions.wasTrue(StreamConditions.READY)) {
            // Nobody knows that it is not.
            conditions.keep(StreamConditions.READY);
        } else {
            ready(false, reason, message);
        }
    }

    private void asIs(StreamStateView state) {
        switch (state.status()) {
            case CREATING -> {
                ready(false, StreamReason.CREATING, "The stream is being made");
                reconciling(StreamReason.CREATING, "The stream is being made");
                notResharding();
            }
            case ACTIVE -> {
                ready(true, StreamReason.ACTIVE, "The stream takes and gives records");
                notResharding();
            }
            case UPDATING -> {
                String message =
                        state.reshard()
                                .map(StreamStatuses::describe)
                                .orElse("The stream is being changed");
                // The message of Ready stays the same all through a reshard.
                ready(true, StreamReason.ACTIVE, "The stream takes and gives records");
                reconciling(StreamReason.RESHARDING, message);
                conditions.set(StreamConditions.RESHARDING, true, StreamReason.RESHARDING, message);
            }
            case DELETING -> {
                ready(false, StreamReason.DELETING, "The stream is being deleted");
                reconciling(StreamReason.DELETING, "The stream is being deleted");
                notResharding();
            }
        }
    }

    private static String describe(StreamStateView.Running reshard) {
        return "From %d to %d shards, %s done"
                .formatted(reshard.from(), reshard.target(), progress(reshard));
    }

    private static String progress(StreamStateView.Running reshard) {
        return reshard.step() + "/" + reshard.steps();
    }

    // --- the rest

    private StreamStatus status(
            PoolFacts pool,
            Optional<StreamStateView> state,
            StreamStatus.@Nullable Applied applied) {
        return status(generation, Optional.of(pool), state, conditions.list(), applied);
    }

    private StreamStatus status(
            @Nullable Long observed,
            Optional<PoolFacts> pool,
            Optional<StreamStateView> state,
            List<Condition> list,
            StreamStatus.@Nullable Applied applied) {
        return new StreamStatus(
                observed,
                state.map(s -> s.status().name()).orElse(old(StreamStatus::streamStatus)),
                state.map(StreamStateView::arn).orElse(old(StreamStatus::streamARN)),
                state.map(s -> s.id().value()).orElse(old(StreamStatus::streamId)),
                state.map(s -> time(s.createdAt()))
                        .orElse(old(StreamStatus::streamCreationTimestamp)),
                pool.flatMap(PoolFacts::endpoint).orElse(old(StreamStatus::endpoint)),
                pool.flatMap(PoolFacts::bootstrapServers)
                        .orElse(old(StreamStatus::bootstrapServers)),
                state.map(StreamStateView::topic).orElse(old(StreamStatus::topic)),
                state.map(StreamStateView::openShardCount)
                        .orElse(old(StreamStatus::openShardCount)),
                state.map(StreamStateView::closedShardCount)
                        .orElse(old(StreamStatus::closedShardCount)),
                state.map(StreamStateView::targetShardCount)
                        .orElse(old(StreamStatus::targetShardCount)),
                state.map(StreamStateView::retentionPeriodHours)
                        .orElse(old(StreamStatus::retentionPeriodHours)),
                pool.map(PoolFacts::selector).orElse(old(StreamStatus::selector)),
                applied,
                state.isPresent()
                        ? state.get().reshard().map(StreamStatuses::write).orElse(null)
                        : old(StreamStatus::reshard),
                state.isPresent()
                        ? state.get().lastReshard().map(StreamStatuses::write).orElse(null)
                        : old(StreamStatus::lastReshard),
                state.flatMap(StreamStatuses::storage).orElse(old(StreamStatus::storage)),
                list);
    }

    private <T> @Nullable T old(Getter<T> field) {
        return before.isPresent() ? field.of(before.get()) : null;
    }

    /** A field of the status before, which may be missing. */
    private interface Getter<T> {
        @Nullable T of(StreamStatus status);
    }

    private StreamStatus.@Nullable Applied appliedBefore() {
        return old(StreamStatus::applied);
    }

    private static StreamStatus.Applied write(Settings applied) {
        return new StreamStatus.Applied(
                applied.mode().map(mode -> StreamSpec.Mode.valueOf(mode.name())).orElse(null),
                applied.get(Setting.SHARD_COUNT).orElse(null),
                applied.get(Setting.RETENTION_PERIOD_HOURS).orElse(null),
                applied.get(Setting.MAX_RECORD_SIZE_KIB).orElse(null));
    }

    private static StreamStatus.Reshard write(StreamStateView.Running reshard) {
        return new StreamStatus.Reshard(
                Long.toString(reshard.id()),
                reshard.from(),
                reshard.target(),
                reshard.step(),
                reshard.steps(),
                progress(reshard),
                time(reshard.startedAt()));
    }

    private static StreamStatus.LastReshard write(StreamStateView.Finished reshard) {
        return new StreamStatus.LastReshard(
                Long.toString(reshard.id()),
                reshard.from(),
                reshard.target(),
                time(reshard.finishedAt()));
    }

    /** Nothing until a gateway has looked at the volumes. */
    private static Optional<StreamStatus.Storage> storage(StreamStateView state) {
        double seconds = Duration.ofHours(state.retentionPeriodHours()).toSeconds();
        return state.storage()
                .map(storage ->
                        new StreamStatus.Storage(
                                ByteQuantity.of(storage.bytes()),
                                storage.growthPerSecond().map(ByteQuantity::of).orElse(null),
                                storage.growthPerSecond()
                                        .map(growth ->
                                                ByteQuantity.of(
                                                        growth * seconds * storage.replicas()))
                                        .orElse(null)));
    }

    private static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
