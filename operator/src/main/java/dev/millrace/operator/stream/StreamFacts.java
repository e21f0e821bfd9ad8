/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.crds.Condition;
import dev.millrace.crds.stream.Stream;
import dev.millrace.crds.stream.StreamSpec;
import dev.millrace.crds.stream.StreamStatus;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.demand.OnDemandBounds;
import dev.millrace.shard.map.LimitsProfile;
import dev.millrace.shard.map.StreamMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a Stream resource says, read in the reconciler's own words. */
final class StreamFacts {

    static final String GROUP = "millrace.dev";
    static final String FINALIZER = GROUP + "/stream";
    static final String PAUSE = GROUP + "/pause-reconciliation";
    static final String CREATED_BY = GROUP + "/created-by";
    static final String CREATED_BY_API = "api";
    static final String CREATED_BY_DEFAULT = "default";

    private StreamFacts() {}

    static PoolRef pool(Stream stream) {
        return new PoolRef(
                stream.getMetadata().getNamespace(), given(stream.getSpec().pool(), "pool"));
    }

    /** The stream that it claims; none where Kinesis would not allow the name. */
    static Optional<StreamName> streamName(Stream stream) {
        String name =
                Optional.ofNullable(stream.getSpec().streamName())
                        .orElse(stream.getMetadata().getName());
        try {
            return Optional.of(new StreamName(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static Optional<StreamIdentity> identity(Stream stream) {
        return streamName(stream)
                .map(name ->
                        new StreamIdentity(
                                pool(stream),
                                stream.getMetadata().getName(),
                                stream.getMetadata().getUid(),
                                name));
    }

    static Wanted wanted(Stream stream) {
        StreamSpec spec = stream.getSpec();
        return new Wanted(
                settings(spec),
                LimitsProfile.valueOf(
                        given(spec.limits(), "limits").name().toUpperCase(Locale.ROOT)),
                Optional.ofNullable(spec.tags()).orElse(Map.of()),
                Optional.ofNullable(spec.onDemand())
                        .map(StreamFacts::bounds)
                        .orElse(OnDemandBounds.DEFAULT));
    }

    private static OnDemandBounds bounds(StreamSpec.OnDemand spec) {
        return new OnDemandBounds(
                given(spec.minShards(), "minShards"),
                given(spec.maxShards(), "maxShards"),
                given(spec.shardKiBPerSecond(), "shardKiBPerSecond"));
    }

    static Settings settings(StreamSpec spec) {
        return Settings.of(
                StreamMode.valueOf(given(spec.mode(), "mode").name()),
                given(spec.shardCount(), "shardCount"),
                given(spec.retentionPeriodHours(), "retentionPeriodHours"),
                given(spec.maxRecordSizeKiB(), "maxRecordSizeKiB"));
    }

    /** A field with a default: the spec's constructor puts it in. */
    private static <T> T given(@Nullable T value, String field) {
        return Objects.requireNonNull(value, field);
    }

    static Optional<StreamStatus> status(Stream stream) {
        return Optional.ofNullable(stream.getStatus());
    }

    static List<Condition> conditions(Stream stream) {
        return status(stream).map(StreamFacts::conditions).orElse(List.of());
    }

    static List<Condition> conditions(StreamStatus status) {
        return given(status.conditions(), "conditions");
    }

    static Optional<StreamId> streamId(Stream stream) {
        return status(stream)
                .flatMap(status -> Optional.ofNullable(status.streamId()))
                .map(StreamId::new);
    }

    /**
     * The settings that the gateway is known to have taken. A resource that the operator wrote
     * after a stream of the API, and that nobody has touched, stands for what the stream had then:
     * what the API has changed since is not to be undone.
     */
    static Settings applied(Stream stream) {
        Optional<StreamStatus.Applied> applied =
                status(stream).flatMap(status -> Optional.ofNullable(status.applied()));
        if (applied.isEmpty()) {
            return isAsTheApiMadeIt(stream) ? settings(stream.getSpec()) : Settings.NONE;
        }
        Settings settings = Settings.NONE;
        if (applied.get().mode() != null) {
            StreamMode mode = StreamMode.valueOf(applied.get().mode().name());
            settings = settings.with(Setting.MODE, mode.ordinal());
        }
        settings = with(settings, Setting.SHARD_COUNT, applied.get().shardCount());
        settings =
                with(
                        settings,
                        Setting.RETENTION_PERIOD_HOURS,
                        applied.get().retentionPeriodHours());
        return with(settings, Setting.MAX_RECORD_SIZE_KIB, applied.get().maxRecordSizeKiB());
    }

    private static Settings with(Settings settings, Setting setting, @Nullable Integer value) {
        return value == null ? settings : settings.with(setting, value);
    }

    private static boolean isAsTheApiMadeIt(Stream stream) {
        return Long.valueOf(1).equals(stream.getMetadata().getGeneration())
                && CREATED_BY_API.equals(annotations(stream).get(CREATED_BY));
    }

    static boolean isPaused(Stream stream) {
        return "true".equals(annotations(stream).get(PAUSE));
    }

    /** Whether the stream is deleted with the resource. */
    static boolean deletesItsStream(Stream stream) {
        return stream.getSpec().deletionPolicy() == StreamSpec.DeletionPolicy.Delete;
    }

    static Map<String, String> annotations(Stream stream) {
        return Optional.ofNullable(stream.getMetadata().getAnnotations()).orElse(Map.of());
    }
}
