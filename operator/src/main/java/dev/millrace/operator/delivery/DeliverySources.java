/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.Condition;
import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamSpec.Source;
import dev.millrace.crds.delivery.Reference;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.pool.BrokerPoolStatus;
import dev.millrace.crds.stream.Stream;
import dev.millrace.operator.control.ApplyStream;
import dev.millrace.operator.control.ControlResult;
import dev.millrace.operator.control.PoolControl;
import dev.millrace.operator.control.PoolControls;
import dev.millrace.operator.control.PoolRef;
import dev.millrace.operator.control.StreamStateView;
import dev.millrace.operator.stream.NewResources;
import dev.millrace.operator.stream.PoolDefaults;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.LimitsProfile;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the stream that a DeliveryStream delivers. For what is put directly that is a stream of its
 * own, made here.
 */
final class DeliverySources {

    private static final String FIELD_MANAGER = "millrace-operator";
    private static final String NOT_FOUND = "ResourceNotFoundException";

    private final KubernetesClient client;
    private final PoolControls controls;
    private final PoolDefaults poolDefaults;
    private final DeliveryEvents events;

    DeliverySources(
            KubernetesClient client,
            PoolControls controls,
            PoolDefaults poolDefaults,
            DeliveryEvents events) {
        this.client = client;
        this.controls = controls;
        this.poolDefaults = poolDefaults;
        this.events = events;
    }

    sealed interface Result {

        /** It is there, on brokers that run. */
        record Known(StreamName stream, String bootstrapServers) implements Result {}

        /** It is not, and that is why. */
        record Not(Found found) implements Result {}
    }

    Result find(DeliveryStream stream) {
        Reference reference = stream.getSpec().source().streamRef();
        return reference == null ? direct(stream) : ofStream(stream, reference.name());
    }

    private Result ofStream(DeliveryStream stream, String name) {
        @Nullable Stream source =
                client.resources(Stream.class)
                        .inNamespace(stream.getMetadata().getNamespace())
                        .withName(name)
                        .get();
        if (source == null) {
            return waiting(
                    DeliveryReason.SourceNotFound,
                    "Stream %s is not there; delivery goes on when it is made".formatted(name));
        }
        if (source.getStatus() == null || source.getStatus().streamId() == null) {
            return waiting(
                    DeliveryReason.SourceNotReady, "Stream %s is being made".formatted(name));
        }
        PoolRef pool =
                new PoolRef(
                        stream.getMetadata().getNamespace(),
                        Objects.requireNonNullElse(source.getSpec().pool(), "default"));
        return onPool(pool, new StreamName(source.streamName()));
    }

    private Result direct(DeliveryStream stream) {
        StreamName buffer;
        try {
            buffer = new DeliveryStreamName(stream.deliveryStreamName()).buffer();
        } catch (IllegalArgumentException e) {
            return new Result.Not(
                    new Found.Stuck(
                            DeliveryReason.InvalidArgument, Objects.toString(e.getMessage())));
        }
        PoolRef pool = new PoolRef(stream.getMetadata().getNamespace(), stream.getSpec().pool());
        Result onPool = onPool(pool, buffer);
        if (onPool instanceof Result.Not) {
            makePool(stream, pool);
            return onPool;
        }
        return isSettled(stream) ? onPool : applied(stream, buffer, controls.of(pool), onPool);
    }

    /** Whether nothing says that the buffer could be other than it shall be. */
    private static boolean isSettled(DeliveryStream stream) {
        return stream.getStatus() != null
                && Objects.equals(
                        stream.getStatus().observedGeneration(),
                        stream.getMetadata().getGeneration())
                && DeliveryConditions.find(
                                stream.getStatus().conditions(), DeliveryConditions.READY)
                        .filter(ready -> ready.status().equals("True"))
                        .isPresent();
    }

    private static Result applied(
            DeliveryStream stream, StreamName buffer, PoolControl control, Result onPool) {
        Source wanted = stream.getSpec().source();
        ApplyStream request = request(stream, buffer, Optional.ofNullable(wanted.shardCount()));
        ControlResult<StreamStateView> result = control.applyStream(request);
        if (result instanceof ControlResult.Refused<StreamStateView> refused
                && refused.awsError().equals(NOT_FOUND)) {
            // It is new, and the spec leaves its shards to us.
            result = control.applyStream(request(stream, buffer, Optional.of(1)));
        }
        return switch (result) {
            case ControlResult.Applied<StreamStateView>(StreamStateView state) ->
                    switch (state.status()) {
                        case ACTIVE, UPDATING -> onPool;
                        case CREATING ->
                                waiting(
                                        DeliveryReason.SourceNotReady,
                                        "The stream for what is put is being made");
                        case DELETING ->
                                waiting(
                                        DeliveryReason.SourceNotReady,
                                        "A stream of the same name is still being deleted");
                    };
            case ControlResult.Refused<StreamStateView> refused -> {
                String message = refused.awsError() + ": " + refused.message();
                yield refused.isFinal()
                        ? new Result.Not(new Found.Stuck(DeliveryReason.InvalidArgument, message))
                        : waiting(DeliveryReason.GatewayBusy, message);
            }
            case ControlResult.Unreachable<StreamStateView>(String cause) ->
                    waiting(DeliveryReason.GatewayUnreachable, cause);
        };
    }

    private static ApplyStream request(
            DeliveryStream stream, StreamName buffer, Optional<Integer> shards) {
        return new ApplyStream(
                buffer,
                stream.getMetadata().getUid(),
                shards,
                Optional.empty(),
                Optional.ofNullable(stream.getSpec().source().retentionPeriodHours()),
                Optional.empty(),
                Optional.of(LimitsProfile.UNLIMITED),
                Optional.of(Map.of("millrace:delivery-stream", stream.deliveryStreamName())),
                Optional.empty());
    }

    private Result onPool(PoolRef ref, StreamName stream) {
        @Nullable BrokerPool pool =
                client.resources(BrokerPool.class)
                        .inNamespace(ref.namespace())
                        .withName(ref.name())
                        .get();
        if (pool == null) {
            return waiting(DeliveryReason.PoolNotReady, "There is no BrokerPool " + ref.name());
        }
        Optional<BrokerPoolStatus> status = Optional.ofNullable(pool.getStatus());
        Optional<Condition> ready =
                DeliveryConditions.find(
                        status.map(BrokerPoolStatus::conditions).orElse(List.of()), "Ready");
        Optional<String> servers = status.flatMap(s -> Optional.ofNullable(s.bootstrapServers()));
        if (servers.isEmpty()
                || ready.filter(condition -> condition.status().equals("True")).isEmpty()) {
            return waiting(
                    DeliveryReason.PoolNotReady,
                    "BrokerPool %s is not ready: %s"
                            .formatted(
                                    ref.name(), ready.map(Condition::message).orElse("it is new")));
        }
        return new Result.Known(stream, servers.get());
    }

    /**
     * It belongs to no DeliveryStream: others may come to live in it. Does nothing if it is there.
     */
    private void makePool(DeliveryStream stream, PoolRef ref) {
        if (stream.getStatus() != null && stream.getStatus().sourceStream() != null) {
            // The pool was deleted: one of other brokers than its volumes remember would do harm.
            return;
        }
        BrokerPool pool = new BrokerPool();
        pool.setMetadata(
                new ObjectMetaBuilder()
                        .withName(ref.name())
                        .withNamespace(ref.namespace())
                        .addToAnnotations("millrace.dev/created-by", "default")
                        .build());
        pool.setSpec(poolDefaults.spec());
        if (client.resources(BrokerPool.class)
                                .inNamespace(ref.namespace())
                                .withName(ref.name())
                                .get()
                        == null
                && NewResources.create(client, pool, FIELD_MANAGER)) {
            events.tell(
                    stream,
                    false,
                    DeliveryReason.PoolCreated,
                    "Made BrokerPool %s with the operator's defaults".formatted(ref.name()));
        }
    }

    private static Result waiting(DeliveryReason reason, String message) {
        return new Result.Not(new Found.Waiting(reason, message, Optional.empty()));
    }
}
