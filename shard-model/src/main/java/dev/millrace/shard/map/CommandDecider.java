/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import static dev.millrace.shard.map.CommandResult.Reason.INVALID_ARGUMENT;
import static dev.millrace.shard.map.CommandResult.Reason.LIMIT_EXCEEDED;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_IN_USE;
import static dev.millrace.shard.map.CommandResult.Reason.RESOURCE_NOT_FOUND;
import static dev.millrace.shard.map.CommandResult.Reason.VALIDATION;

import dev.millrace.shard.HashKeyRange;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.reshard.ReshardGoal;
import dev.millrace.shard.reshard.ReshardPlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Decides commands: pure functions of the map, the command and the time. Messages are Amazon's. */
final class CommandDecider {

    static final int SHARDS_PER_STREAM_MAX = 10_000;

    private final String account;
    private final ConsumerDecider consumers;
    private final QueueDecider queues;
    private final ChannelDecider channels;

    CommandDecider(String account) {
        this.account = account;
        this.consumers = new ConsumerDecider(account);
        this.queues = new QueueDecider(account);
        this.channels = new ChannelDecider(account);
    }

    /** What a command leads to: its result, and what is to be done unless it is refused. */
    record Decided(CommandResult result, Decision decision) {
        static Decided done(Decision decision) {
            return new Decided(CommandResult.done(), decision);
        }

        static Decided refused(CommandResult.Reason reason, String message) {
            return new Decided(CommandResult.refused(reason, message), Decision.NOTHING);
        }
    }

    Decided decide(ShardMap map, Command command, Instant now) {
        return switch (command) {
            case Command.CreateStream create -> create(map, create, now);
            case Command.DeleteStream delete ->
                    map.stream(delete.stream())
                            .map(stream -> delete(map, stream, delete))
                            .orElseGet(() -> notFound(delete.stream()));
            case Command.UpdateShardCount update ->
                    whenProvisioned(
                            map, update.stream(), stream -> updateShardCount(stream, update, now));
            case Command.SplitShard split ->
                    whenProvisioned(map, split.stream(), stream -> splitShard(stream, split, now));
            case Command.MergeShards merge ->
                    whenProvisioned(map, merge.stream(), stream -> mergeShards(stream, merge, now));
            case Command.ChangeRetention change ->
                    whenActive(map, change.stream(), stream -> changeRetention(stream, change));
            case Command.ChangeTags change ->
                    map.stream(change.stream())
                            .map(stream -> changeTags(stream, change))
                            .orElseGet(() -> notFound(change.stream()));
            case Command.ChangeSetting change ->
                    whenActive(map, change.stream(), stream -> changeSetting(map, stream, change));
            case Command.RegisterConsumer register ->
                    map.stream(register.stream())
                            .map(stream -> consumers.register(map, stream.state(), register, now))
                            .orElseGet(() -> notFound(register.stream()));
            case Command.DeregisterConsumer deregister ->
                    map.stream(deregister.stream())
                            .map(stream -> consumers.deregister(stream.state(), deregister))
                            .orElseGet(() -> notFound(deregister.stream()));
            case Command.ChangeConsumerTags change ->
                    map.stream(change.stream())
                            .map(stream -> consumers.changeTags(stream.state(), change))
                            .orElseGet(() -> notFound(change.stream()));
            case Command.ChangeConsumerPolicy change ->
                    map.stream(change.stream())
                            .map(stream -> consumers.changePolicy(stream.state(), change))
                            .orElseGet(() -> notFound(change.stream()));
            case Command.CreateQueue create ->
                    map.stream(create.stream())
                            .map(stream -> queues.create(map, stream.state(), create, now))
                            .orElseGet(() -> notFound(create.stream()));
            case Command.UpdateQueue update -> queues.update(map, update);
            case Command.DeleteQueue delete -> queues.delete(map, delete);
            case Command.ChangeQueueTags change -> queues.changeTags(map, change);
            case Command.ChangeQueuePolicy change -> queues.changePolicy(map, change);
            case Command.CreateChannel create ->
                    map.stream(create.stream())
                            .map(stream -> channels.create(map, stream.state(), create, now))
                            .orElseGet(() -> notFound(create.stream()));
            case Command.UpdateChannel update -> channels.update(map, update);
            case Command.DeleteChannel delete -> channels.delete(map, delete);
            case Command.ChangeChannelTags change -> channels.changeTags(map, change);
            case Command.ApplyStream apply -> apply(map, apply, now);
            case Command.RemoveStream remove -> remove(map, remove);
        };
    }

    private Decided create(ShardMap map, Command.CreateStream create, Instant now) {
        if (map.stream(create.stream()).isPresent()) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Stream %s under account %s already exists."
                            .formatted(create.stream(), account));
        }
        if (create.shardCount() > SHARDS_PER_STREAM_MAX) {
            return tooManyShards(create.stream(), create.shardCount());
        }
        return Decided.done(
                create(
                        create.stream(),
                        create.id(),
                        Optional.empty(),
                        create.settings(),
                        create.shardCount(),
                        now));
    }

    static Decision create(
            StreamName name,
            StreamId id,
            Optional<String> owner,
            StreamSettings settings,
            int shards,
            Instant now) {
        StreamState state =
                new StreamState(
                        name,
                        id,
                        StreamStatus.CREATING,
                        now,
                        TopicName.of(name, id),
                        Optional.empty(),
                        owner,
                        settings,
                        shards,
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        List.of());
        return Decision.write(new ShardMapRecord.StreamPut(state))
                .and(Decision.effect(createTopic(state)));
    }

    static Effect createTopic(StreamState state) {
        return new Effect.CreateTopic(
                state.name(),
                state.id(),
                state.topic(),
                state.targetShardCount(),
                state.settings());
    }

    private Decided delete(ShardMap map, StreamView stream, Command.DeleteStream delete) {
        int consumers = stream.state().consumers().size();
        if (consumers > 0 && !delete.withConsumers()) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Stream %s under account %s has %d registered consumers. Deregister them, or set EnforceConsumerDeletion."
                            .formatted(delete.stream(), account, consumers));
        }
        int queueCount = map.queuesOf(delete.stream()).size();
        if (queueCount > 0) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Stream %s under account %s has %d queues. Delete them with DeleteQueue first."
                            .formatted(delete.stream(), account, queueCount));
        }
        int channelCount = map.channelsOf(delete.stream()).size();
        if (channelCount > 0) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Stream %s under account %s has %d channels. Delete them with DeleteChannel first."
                            .formatted(delete.stream(), account, channelCount));
        }
        return Decided.done(delete(stream));
    }

    static Decision delete(StreamView stream) {
        StreamState state = stream.state();
        if (state.status() == StreamStatus.DELETING) {
            return Decision.NOTHING;
        }
        return Decision.write(new ShardMapRecord.StreamPut(state.withStatus(StreamStatus.DELETING)))
                .and(Decision.effect(deleteTopic(state)));
    }

    static Effect deleteTopic(StreamState state) {
        return new Effect.DeleteTopic(state.name(), state.id(), state.topic(), state.topicId());
    }

    private Decided updateShardCount(
            StreamView stream, Command.UpdateShardCount update, Instant now) {
        int current = stream.openShards().size();
        int target = update.targetShardCount();
        if (target > SHARDS_PER_STREAM_MAX) {
            return tooManyShards(update.stream(), target);
        }
        if (stream.state().settings().limits() == LimitsProfile.KINESIS) {
            if (target > 2 * current) {
                return Decided.refused(
                        LIMIT_EXCEEDED, beyondLimits("up over double", current, target));
            }
            if (2 * target < current) {
                return Decided.refused(
                        LIMIT_EXCEEDED, beyondLimits("down below half of", current, target));
            }
        }
        return Decided.done(reshard(stream, new ReshardGoal.Uniform(target), target, now));
    }

    private static String beyondLimits(String how, int current, int target) {
        return "UpdateShardCount cannot scale %s your current open shard count. Current open shard count: %d Target shard count: %d"
                .formatted(how, current, target);
    }

    private Decided splitShard(StreamView stream, Command.SplitShard split, Instant now) {
        Optional<Shard> shard = stream.shard(split.shard());
        if (shard.isEmpty()) {
            return noSuchShard(split.shard(), split.stream());
        }
        if (!shard.get().isOpen()) {
            return alreadyResharded(split.shard(), split.stream());
        }
        HashKeyRange range = shard.get().range();
        if (split.newStartingHashKey().compareTo(range.start()) <= 0
                || split.newStartingHashKey().compareTo(range.end()) > 0) {
            return Decided.refused(
                    INVALID_ARGUMENT,
                    "NewStartingHashKey %s used in SplitShard() on shard %s in stream %s under account %s is not both greater than one plus the shard's StartingHashKey %s and less than the shard's EndingHashKey %s."
                            .formatted(
                                    split.newStartingHashKey(),
                                    split.shard(),
                                    split.stream(),
                                    account,
                                    range.start(),
                                    range.end()));
        }
        return Decided.done(
                reshard(
                        stream,
                        new ReshardGoal.SplitOne(split.shard(), split.newStartingHashKey()),
                        stream.openShards().size() + 1,
                        now));
    }

    private Decided mergeShards(StreamView stream, Command.MergeShards merge, Instant now) {
        for (ShardId id : new ShardId[] {merge.shard(), merge.adjacent()}) {
            Optional<Shard> shard = stream.shard(id);
            if (shard.isEmpty()) {
                return noSuchShard(id, merge.stream());
            }
            if (!shard.get().isOpen()) {
                return alreadyResharded(id, merge.stream());
            }
        }
        HashKeyRange range = stream.shard(merge.shard()).orElseThrow().range();
        if (!range.isAdjacentTo(stream.shard(merge.adjacent()).orElseThrow().range())) {
            return Decided.refused(
                    INVALID_ARGUMENT,
                    "Shards %s and %s in stream %s under account %s are not an adjacent pair of shards eligible for merging"
                            .formatted(merge.shard(), merge.adjacent(), merge.stream(), account));
        }
        return Decided.done(
                reshard(
                        stream,
                        new ReshardGoal.MergeTwo(merge.shard(), merge.adjacent()),
                        stream.openShards().size() - 1,
                        now));
    }

    private Decided changeRetention(StreamView stream, Command.ChangeRetention change) {
        StreamSettings settings = stream.state().settings();
        int current = settings.retentionHours();
        boolean increase = change.direction() == Command.ChangeRetention.Direction.INCREASE;
        if (change.hours() < StreamSettings.RETENTION_HOURS_MIN) {
            return Decided.refused(
                    INVALID_ARGUMENT,
                    "Minimum allowed retention period is %d hours. Requested retention period (%d hours) is too short."
                            .formatted(StreamSettings.RETENTION_HOURS_MIN, change.hours()));
        }
        if (change.hours() > StreamSettings.RETENTION_HOURS_MAX) {
            return Decided.refused(
                    INVALID_ARGUMENT,
                    "Maximum allowed retention period is %d hours. Requested retention period (%d hours) is too long."
                            .formatted(StreamSettings.RETENTION_HOURS_MAX, change.hours()));
        }
        if (increase ? change.hours() < current : change.hours() > current) {
            return Decided.refused(
                    INVALID_ARGUMENT,
                    "Requested retention period (%d hours) for stream %s can not be %s than existing retention period (%d hours). Use %sRetentionPeriod API."
                            .formatted(
                                    change.hours(),
                                    change.stream(),
                                    increase ? "shorter" : "longer",
                                    current,
                                    increase ? "Decrease" : "Increase"));
        }
        return Decided.done(
                changeSettings(stream.state(), settings.withRetentionHours(change.hours())));
    }

    private Decided changeTags(StreamView stream, Command.ChangeTags change) {
        StreamSettings settings = stream.state().settings();
        Map<String, String> tags = new TreeMap<>(settings.tags());
        tags.keySet().removeAll(change.removed());
        tags.putAll(change.added());
        if (tags.size() > StreamSettings.TAGS_MAX) {
            return Decided.refused(
                    INVALID_ARGUMENT,
                    "Failed to add tags to stream %s under account %s because a given stream cannot have more than %d tags associated with it."
                            .formatted(change.stream(), account, StreamSettings.TAGS_MAX));
        }
        return Decided.done(changeSettings(stream.state(), settings.withTags(tags)));
    }

    private Decided changeSetting(ShardMap map, StreamView stream, Command.ChangeSetting change) {
        StreamState state = stream.state();
        if (change.change() instanceof SettingChange.Delivery delivery
                && !delivery.expected().equals(state.settings().delivery())) {
            return Decided.refused(
                    RESOURCE_IN_USE, "The delivery stream was changed by somebody else meanwhile.");
        }
        if (change.change() instanceof SettingChange.Mode(var mode)
                && mode == StreamMode.PROVISIONED
                && state.settings().limits() == LimitsProfile.KINESIS
                && !map.queuesOf(state.name()).isEmpty()) {
            return Decided.refused(
                    RESOURCE_IN_USE,
                    "Stream %s under account %s has queues, which are supported only in ON_DEMAND mode. Delete them with DeleteQueue first."
                            .formatted(state.name(), account));
        }
        return Decided.done(changeSettings(state, change.change().applyTo(state.settings())));
    }

    private Decided apply(ShardMap map, Command.ApplyStream apply, Instant now) {
        Optional<StreamView> stream = map.stream(apply.stream());
        if (apply.shardCount().orElse(1) > SHARDS_PER_STREAM_MAX) {
            return tooManyShards(apply.stream(), apply.shardCount().orElseThrow());
        }
        if (stream.isEmpty()) {
            if (apply.shardCount().isEmpty()) {
                return notFound(apply.stream());
            }
            StreamSettings settings = desired(StreamSettings.DEFAULT, apply);
            return Decided.done(
                    create(
                            apply.stream(),
                            apply.id(),
                            Optional.of(apply.ownerUid()),
                            settings,
                            firstShards(settings, apply.shardCount().get()),
                            now));
        }
        StreamState state = stream.get().state();
        boolean retargets =
                apply.shardCount().isPresent()
                        && apply.shardCount().get() != state.targetShardCount();
        if (state.status() == StreamStatus.DELETING
                || state.status() == StreamStatus.CREATING && retargets) {
            return notActive(state);
        }
        return Decided.done(applyTo(stream.get(), apply, now));
    }

    /** An on-demand stream begins within its bounds. */
    private static int firstShards(StreamSettings settings, int wanted) {
        OnDemandBounds bounds = settings.onDemand();
        return settings.mode() == StreamMode.ON_DEMAND
                ? Math.clamp(wanted, bounds.minShards(), bounds.maxShards())
                : wanted;
    }

    private static Decision applyTo(StreamView stream, Command.ApplyStream apply, Instant now) {
        StreamState state = stream.state();
        Decision decision = Decision.NOTHING;
        if (!state.ownerUid().equals(Optional.of(apply.ownerUid()))) {
            state = state.withOwner(apply.ownerUid());
            decision = Decision.write(new ShardMapRecord.StreamPut(state));
        }
        StreamSettings settings = desired(state.settings(), apply);
        if (!settings.equals(state.settings())) {
            decision = decision.and(changeSettings(state, settings));
            state = state.withSettings(settings);
        }
        int target = apply.shardCount().orElse(state.targetShardCount());
        boolean retarget =
                target != state.targetShardCount() && state.status() != StreamStatus.CREATING;
        return retarget
                ? decision.and(reshard(stream, state, new ReshardGoal.Uniform(target), target, now))
                : decision;
    }

    private static StreamSettings desired(StreamSettings current, Command.ApplyStream apply) {
        return current.withMode(apply.mode().orElse(current.mode()))
                .withLimits(apply.limits().orElse(current.limits()))
                .withRetentionHours(apply.retentionHours().orElse(current.retentionHours()))
                .withMaxRecordSizeKiB(apply.maxRecordSizeKiB().orElse(current.maxRecordSizeKiB()))
                .withTags(apply.tags().orElse(current.tags()))
                .withOnDemand(apply.onDemand().orElse(current.onDemand()))
                .withDelivery(apply.delivery().or(current::delivery));
    }

    private static Decided remove(ShardMap map, Command.RemoveStream remove) {
        return Decided.done(
                map.stream(remove.stream())
                        .filter(stream ->
                                stream.state().ownerUid().equals(Optional.of(remove.ownerUid())))
                        .map(stream -> withoutQueues(map, stream).and(delete(stream)))
                        .orElse(Decision.NOTHING));
    }

    /** Who deletes the resource means all that hangs on it. */
    private static Decision withoutQueues(ShardMap map, StreamView stream) {
        return new Decision(
                map.queuesOf(stream.state().name()).stream()
                        .<ShardMapRecord>map(queue -> new ShardMapRecord.QueueGone(queue.id()))
                        .toList(),
                List.of());
    }

    static Decision changeSettings(StreamState state, StreamSettings settings) {
        if (settings.equals(state.settings())) {
            return Decision.NOTHING;
        }
        StreamState next = state.withSettings(settings);
        return Decision.write(new ShardMapRecord.StreamPut(next))
                .and(Decision.effect(configureTopic(next)));
    }

    static Effect configureTopic(StreamState state) {
        return new Effect.ConfigureTopic(state.id(), state.topic(), state.settings());
    }

    private static Decision reshard(StreamView stream, ReshardGoal goal, int target, Instant now) {
        return reshard(stream, stream.state(), goal, target, now);
    }

    /** Begins a reshard, or turns the one on its way to another goal. */
    private static Decision reshard(
            StreamView stream, StreamState state, ReshardGoal goal, int target, Instant now) {
        int left = ReshardPlan.stepsLeft(stream.openShards(), goal);
        Reshard reshard =
                state.reshard()
                        .map(running -> running.retargeted(goal, target, left))
                        .orElseGet(() ->
                                new Reshard(
                                        state.lastReshard().map(Reshard::id).orElse(0L) + 1,
                                        goal,
                                        stream.openShards().size(),
                                        target,
                                        0,
                                        left,
                                        now,
                                        Optional.empty(),
                                        Optional.empty()));
        if (left == 0 && state.reshard().isEmpty()) {
            return Decision.NOTHING;
        }
        return Decision.write(new ShardMapRecord.StreamPut(state.resharding(reshard)));
    }

    private interface OnActive {
        Decided decide(StreamView stream);
    }

    private Decided whenActive(ShardMap map, StreamName name, OnActive decision) {
        Optional<StreamView> stream = map.stream(name);
        if (stream.isEmpty()) {
            return notFound(name);
        }
        if (stream.get().state().status() != StreamStatus.ACTIVE) {
            return notActive(stream.get().state());
        }
        return decision.decide(stream.get());
    }

    private Decided whenProvisioned(ShardMap map, StreamName name, OnActive decision) {
        return whenActive(
                map,
                name,
                stream ->
                        stream.state().settings().mode() == StreamMode.ON_DEMAND
                                ? Decided.refused(
                                        VALIDATION,
                                        "Stream %s under account %s is in ON_DEMAND mode, and its shards follow its load. This operation is for streams in PROVISIONED mode only."
                                                .formatted(name, account))
                                : decision.decide(stream));
    }

    private Decided notFound(StreamName name) {
        return Decided.refused(
                RESOURCE_NOT_FOUND,
                "Stream %s under account %s not found.".formatted(name, account));
    }

    private Decided notActive(StreamState state) {
        return Decided.refused(
                RESOURCE_IN_USE,
                "Stream %s under account %s not ACTIVE, instead in state %s"
                        .formatted(state.name(), account, state.status()));
    }

    private Decided noSuchShard(ShardId shard, StreamName stream) {
        return Decided.refused(
                RESOURCE_NOT_FOUND,
                "Could not find shard %s in stream %s under account %s."
                        .formatted(shard, stream, account));
    }

    private Decided alreadyResharded(ShardId shard, StreamName stream) {
        return Decided.refused(
                INVALID_ARGUMENT,
                "Shard %s in stream %s under account %s has already been merged or split, and thus is not eligible for merging or splitting."
                        .formatted(shard, stream, account));
    }

    private static Decided tooManyShards(StreamName stream, int shards) {
        return Decided.refused(
                LIMIT_EXCEEDED,
                "Stream %s cannot have %d shards: a stream has at most %d."
                        .formatted(stream, shards, SHARDS_PER_STREAM_MAX));
    }
}
