/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import dev.millrace.operator.control.ControlResult.Applied;
import dev.millrace.operator.control.ControlResult.Refused;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamMode;
import dev.millrace.shard.map.StreamStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * A pool's gateway in memory. Nothing moves by itself: {@link #step} lets each stream take its next
 * step, so that a test can look at every state on the way. The methods of {@link ApiSide} are what
 * users of the Kinesis API do. Safe for many threads.
 */
public final class InMemoryPoolControl implements PoolControl, ApiSide {

    public static final int SHARDS_MAX = 10_000;

    private final InstantSource clock;
    private final Random random = new Random(7);
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final Map<StreamName, StreamStateView> streams = new TreeMap<>();
    private final List<PoolStreams.Deleted> deleted = new ArrayList<>();
    private final List<ApplyStream> applies = new ArrayList<>();
    private Optional<String> outage = Optional.empty();
    private PoolDescription.Volume volume = new PoolDescription.Volume(1L << 30, 1L << 29, false);
    private Optional<Refused<StreamStateView>> refusal = Optional.empty();
    private boolean movesByItself;
    private long reshards;

    public InMemoryPoolControl(InstantSource clock) {
        this.clock = clock;
    }

    // --- the control API

    @Override
    public ControlResult<StreamStateView> applyStream(ApplyStream request) {
        return locked(() -> {
            applies.add(request);
            if (outage.isPresent()) {
                return new ControlResult.Unreachable<>(outage.get());
            }
            return refusal.isPresent() ? refusal.get() : apply(request);
        });
    }

    private ControlResult<StreamStateView> apply(ApplyStream request) {
        if (request.shardCount().orElse(1) > SHARDS_MAX) {
            return new Refused<>(
                    "LimitExceededException",
                    "A stream has at most %d shards".formatted(SHARDS_MAX));
        }
        StreamStateView found = streams.get(request.stream());
        if (found == null) {
            if (request.shardCount().isEmpty()) {
                return new Refused<>(
                        "ResourceNotFoundException",
                        "Stream %s under account 000000000000 not found."
                                .formatted(request.stream()));
            }
            found = newStream(request.stream(), request.shardCount().get());
        }
        int target = request.shardCount().orElse(found.targetShardCount());
        boolean retargets = target != found.targetShardCount();
        if (found.status() == StreamStatus.DELETING
                || found.status() == StreamStatus.CREATING && retargets) {
            return new Refused<>(
                    "ResourceInUseException",
                    "Stream %s is %s.".formatted(request.stream(), found.status()));
        }
        StreamStateView next =
                settings(
                        found,
                        request.mode().orElse(found.mode()),
                        Optional.of(request.ownerUid()),
                        request.retentionPeriodHours().orElse(found.retentionPeriodHours()),
                        request.maxRecordSizeKiB().orElse(found.maxRecordSizeKiB()),
                        request.limits().orElse(found.limits()),
                        request.tags().orElse(found.tags()),
                        request.onDemand().orElse(found.onDemand()),
                        request.delivery().or(found::delivery));
        StreamStateView after = retargets ? resharding(next, target) : next;
        streams.put(request.stream(), after);
        return new Applied<>(after);
    }

    @Override
    public ControlResult<PoolStreams> listStreamStates() {
        return locked(() -> {
            if (outage.isPresent()) {
                return new ControlResult.Unreachable<>(outage.get());
            }
            if (movesByItself) {
                stepAll();
            }
            return new Applied<>(
                    new PoolStreams(List.copyOf(streams.values()), List.copyOf(deleted)));
        });
    }

    @Override
    public ControlResult<Removal> removeStream(StreamName stream, String ownerUid) {
        return locked(() -> {
            if (outage.isPresent()) {
                return new ControlResult.Unreachable<>(outage.get());
            }
            StreamStateView found = streams.get(stream);
            if (found != null && found.ownerUid().equals(Optional.of(ownerUid))) {
                streams.put(stream, status(found, StreamStatus.DELETING));
            }
            return new Applied<>(new Removal());
        });
    }

    @Override
    public ControlResult<PoolDescription> describePool() {
        return locked(() ->
                new Applied<>(
                        new PoolDescription(
                                List.of("gateway-0"),
                                List.of(
                                        new PoolDescription.Broker(
                                                0, "localhost", true, Optional.of(volume))),
                                0,
                                streams.size(),
                                streams.values().stream()
                                        .mapToInt(StreamStateView::openShardCount)
                                        .sum())));
    }

    // --- the Kinesis API

    @Override
    public void createStream(StreamName name, int shardCount) {
        locked(() -> streams.put(name, newStream(name, shardCount)));
    }

    @Override
    public void deleteStream(StreamName name) {
        change(name, stream -> status(stream, StreamStatus.DELETING));
    }

    @Override
    public void updateShardCount(StreamName name, int shardCount) {
        change(name, stream -> resharding(stream, shardCount));
    }

    @Override
    public void setRetention(StreamName name, int hours) {
        change(
                name,
                stream -> {
                    // As Kinesis has it; ApplyStream may.
                    if (stream.status() != StreamStatus.ACTIVE) {
                        throw new IllegalStateException(name + " is " + stream.status());
                    }
                    return settings(
                            stream,
                            stream.mode(),
                            stream.ownerUid(),
                            hours,
                            stream.maxRecordSizeKiB(),
                            stream.limits(),
                            stream.tags(),
                            stream.onDemand(),
                            stream.delivery());
                });
    }

    /** What UpdateStreamMode does. */
    public void setMode(StreamName name, StreamMode mode) {
        change(
                name,
                stream ->
                        settings(
                                stream,
                                mode,
                                stream.ownerUid(),
                                stream.retentionPeriodHours(),
                                stream.maxRecordSizeKiB(),
                                stream.limits(),
                                stream.tags(),
                                stream.onDemand(),
                                stream.delivery()));
    }

    // --- the test's hand

    /** Each stream takes its next step. */
    public void step() {
        locked(() -> {
            stepAll();
            return true;
        });
    }

    /** From now on whoever lists the streams moves them, as time does in a real pool. */
    public void moveByItself(boolean moves) {
        locked(() -> movesByItself = moves);
    }

    /** Nobody can be reached, until called with nothing. */
    /** From now on the only broker's volume is this one. */
    public void volume(PoolDescription.Volume now) {
        locked(() -> volume = now);
    }

    public void outage(Optional<String> cause) {
        locked(() -> outage = cause);
    }

    /** ApplyStream says no to everything, until called with nothing. */
    public void refuse(Optional<Refused<StreamStateView>> answer) {
        locked(() -> refusal = answer);
    }

    /** Streams vanish with no trace that anybody wanted it: as after the loss of all volumes. */
    public void loseEverything() {
        locked(() -> {
            streams.clear();
            deleted.clear();
            return true;
        });
    }

    public Optional<StreamStateView> find(StreamName name) {
        return locked(() -> Optional.ofNullable(streams.get(name)));
    }

    /** All ApplyStream requests so far, in order. */
    public List<ApplyStream> applies() {
        return locked(() -> List.copyOf(applies));
    }

    private void change(StreamName name, UnaryOperator<StreamStateView> to) {
        locked(() ->
                streams.compute(
                        name,
                        (_, stream) -> {
                            if (stream == null) {
                                throw new IllegalStateException("No stream " + name);
                            }
                            return to.apply(stream);
                        }));
    }

    private void stepAll() {
        for (StreamStateView stream : List.copyOf(streams.values())) {
            switch (stream.status()) {
                case CREATING ->
                        streams.put(stream.name(), opened(stream, stream.targetShardCount()));
                case UPDATING -> streams.put(stream.name(), advanced(stream));
                case DELETING -> {
                    streams.remove(stream.name());
                    deleted.add(
                            new PoolStreams.Deleted(
                                    stream.name(),
                                    stream.id(),
                                    stream.ownerUid(),
                                    clock.instant()));
                }
                case ACTIVE -> {}
            }
        }
    }

    private <T> T locked(java.util.function.Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** What CreateDeliveryStream and UpdateDestination of the Firehose API leave behind. */
    public void define(StreamName buffer, String definition) {
        locked(() -> {
            StreamStateView s = streams.getOrDefault(buffer, newStream(buffer, 1));
            return streams.put(
                    buffer,
                    settings(
                            s,
                            s.mode(),
                            s.ownerUid(),
                            s.retentionPeriodHours(),
                            s.maxRecordSizeKiB(),
                            s.limits(),
                            s.tags(),
                            s.onDemand(),
                            Optional.of(definition)));
        });
    }

    // --- states

    private StreamStateView newStream(StreamName name, int shardCount) {
        return new StreamStateView(
                name,
                StreamId.random(random),
                Optional.empty(),
                "arn:aws:kinesis:us-east-1:000000000000:stream/" + name,
                StreamStatus.CREATING,
                StreamMode.PROVISIONED,
                0,
                0,
                shardCount,
                24,
                1_024,
                Instant.ofEpochMilli(clock.instant().toEpochMilli()),
                name.value(),
                LimitsProfile.UNLIMITED,
                Map.of(),
                OnDemandBounds.DEFAULT,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static StreamStateView opened(StreamStateView s, int open) {
        return with(s, StreamStatus.ACTIVE, open, open, Optional.empty(), s.lastReshard());
    }

    private static StreamStateView status(StreamStateView s, StreamStatus status) {
        return with(
                s, status, s.openShardCount(), s.targetShardCount(), s.reshard(), s.lastReshard());
    }

    private StreamStateView resharding(StreamStateView s, int target) {
        int from = s.openShardCount();
        long id = s.reshard().map(StreamStateView.Running::id).orElseGet(() -> ++reshards);
        int done = s.reshard().map(StreamStateView.Running::step).orElse(0);
        int steps = done + Math.abs(target - from);
        StreamStateView.Running running =
                new StreamStateView.Running(
                        id, from, target, done, steps, clock.instant(), Optional.empty());
        return with(s, StreamStatus.UPDATING, from, target, Optional.of(running), s.lastReshard());
    }

    private StreamStateView advanced(StreamStateView s) {
        StreamStateView.Running r = s.reshard().orElseThrow();
        int open = s.openShardCount() + Integer.signum(r.target() - s.openShardCount());
        if (open == r.target()) {
            return with(
                    s,
                    StreamStatus.ACTIVE,
                    open,
                    open,
                    Optional.empty(),
                    Optional.of(
                            new StreamStateView.Finished(
                                    r.id(),
                                    r.from(),
                                    r.target(),
                                    clock.instant(),
                                    Optional.empty())));
        }
        return with(
                s,
                StreamStatus.UPDATING,
                open,
                r.target(),
                Optional.of(
                        new StreamStateView.Running(
                                r.id(),
                                r.from(),
                                r.target(),
                                r.step() + 1,
                                r.steps(),
                                r.startedAt(),
                                Optional.empty())),
                s.lastReshard());
    }

    private static StreamStateView with(
            StreamStateView s,
            StreamStatus status,
            int open,
            int target,
            Optional<StreamStateView.Running> reshard,
            Optional<StreamStateView.Finished> lastReshard) {
        return new StreamStateView(
                s.name(),
                s.id(),
                s.ownerUid(),
                s.arn(),
                status,
                s.mode(),
                open,
                s.closedShardCount(),
                target,
                s.retentionPeriodHours(),
                s.maxRecordSizeKiB(),
                s.createdAt(),
                s.topic(),
                s.limits(),
                s.tags(),
                s.onDemand(),
                reshard,
                lastReshard,
                s.delivery(),
                s.storage());
    }

    private static StreamStateView settings(
            StreamStateView s,
            StreamMode mode,
            Optional<String> owner,
            int retentionHours,
            int maxRecordSizeKiB,
            LimitsProfile limits,
            Map<String, String> tags,
            OnDemandBounds onDemand,
            Optional<String> delivery) {
        return new StreamStateView(
                s.name(),
                s.id(),
                owner,
                s.arn(),
                s.status(),
                mode,
                s.openShardCount(),
                s.closedShardCount(),
                s.targetShardCount(),
                retentionHours,
                maxRecordSizeKiB,
                s.createdAt(),
                s.topic(),
                limits,
                tags,
                onDemand,
                s.reshard(),
                s.lastReshard(),
                delivery,
                s.storage());
    }
}
